"""Untrusted text on one row, and what the agent does now, as a phrase."""

from __future__ import annotations

from ion_tui.render.cells import shorten
from ion_tui.render.sanitize import sanitize
from ion_tui.render.sentences import words

TARGET_CELLS = 60


def one_line(text: str) -> str:
    """Text that is safe to show, without line ends."""
    return " ".join(sanitize(text).split())


def verb(tool: str, *, past: bool) -> str:
    """``Running`` or ``Ran``: never a tool's internal name."""
    said = words(tool)
    return one_line(said.past if past else said.present)


def wanted(tool: str) -> str:
    """``Run``: what was asked for, and has not begun or was refused."""
    said = one_line(words(tool).plain)
    return said[:1].upper() + said[1:]


def doing(tool: str, target: str = "") -> str:
    """What runs now: ``Editing src/parse.py``."""
    return f"{verb(tool, past=False)} {shorten(one_line(target), TARGET_CELLS)}".rstrip()
