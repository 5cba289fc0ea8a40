"""What rendering takes from the core: text that somebody else wrote, made safe to show.

It is one decoder for the screen and for what commands print; see :mod:`ion_core.sanitize`.
"""

from __future__ import annotations

from ion_core.sanitize import LIMIT, MARKS, Sanitizer, named, sanitize

__all__ = ["LIMIT", "MARKS", "Sanitizer", "named", "sanitize"]
