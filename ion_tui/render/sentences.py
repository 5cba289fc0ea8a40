"""What tools do, in words: verbs for the header of a call, and nouns for counting.

A person reads "Edited app.py", never a tool's internal name. A tool that is not in the table was
"used".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ion_tui.render.sanitize import sanitize


class Words(NamedTuple):
    """The verb while it runs, when done, and after "could not"; ``one`` and ``many`` count quiet
    calls ("file", "files"); a call without them is never grouped."""

    present: str
    past: str
    plain: str
    one: str = ""
    many: str = ""


_TOOLS = {
    "read": Words("Reading", "Read", "read", "file", "files"),
    "list": Words("Listing", "Listed", "list", "folder", "folders"),
    "grep": Words("Searching for", "Searched for", "search for", "pattern", "patterns"),
    "glob": Words("Looking for", "Looked for", "look for", "kind of file", "kinds of files"),
    "write": Words("Writing", "Wrote", "write"),
    "edit": Words("Editing", "Edited", "edit"),
    "apply_patch": Words("Patching", "Patched", "patch"),
    "bash": Words("Running", "Ran", "run"),
    "web_fetch": Words("Fetching", "Fetched", "fetch"),
    "web_search": Words("Searching the web for", "Searched the web for", "search the web for"),
    "todo": Words("Planning", "Planned", "plan"),
    "ask": Words("Asking", "Asked", "ask"),
    "exit_plan": Words("Showing the plan", "Showed the plan", "show the plan"),
    "task": Words("Delegating", "Delegated", "delegate"),
}
_TARGETS = ("path", "command", "pattern", "url", "query", "description", "file", "name")


def words(tool: str) -> Words:
    """The words for a tool."""
    if tool in _TOOLS:
        return _TOOLS[tool]
    said = tool.rpartition("__")[2].replace("_", " ").replace("-", " ")
    shown = " ".join(sanitize(said).split()) or "a tool"  # a model may call a tool anything
    return Words(f"Using {shown}", f"Used {shown}", f"use {shown}")


def target(arguments: Mapping[str, Any]) -> str:
    """What a call touches, as far as its arguments say."""
    for name in _TARGETS:
        if isinstance(value := arguments.get(name), str) and value:
            return value
    return ""


def duration(seconds: float) -> str:
    """A time as people read it: ``0.1s``, ``12s``, ``3m 05s``, ``1h 02m``."""
    if seconds < 9.95:
        return f"{seconds:.0f}s" if seconds and seconds == int(seconds) else f"{seconds:.1f}s"
    if seconds < 59.5:
        return f"{seconds:.0f}s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes}m {rest:02d}s"
    return f"{minutes // 60}h {minutes % 60:02d}m"
