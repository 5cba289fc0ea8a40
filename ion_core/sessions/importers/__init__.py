"""Transcripts of other agents, read into sessions."""
