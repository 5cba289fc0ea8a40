"""Screens: the only place that speaks to sessions."""
