"""The policy room: what a mode lets a call do."""
