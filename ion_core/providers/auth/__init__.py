"""Logging in: how keys and tokens are obtained, kept and renewed.

What is imported on the way to a first request is small (the store and the credentials); the flows
of a login are imported when somebody logs in.
"""
