"""Widgets: they show values and post wishes; none of them knows a session or the runtime."""
