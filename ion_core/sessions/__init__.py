"""The sessions' room: trees of entries on disk."""
