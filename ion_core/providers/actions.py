"""Tools as a small model sees them: flat actions, one JSON object each.

A model of one or two billion parameters fills ``{"tool": "edit", "path": …, "old": …, "new": …}``
reliably and nested lists of edits hardly ever. Each action knows how its fields become the
arguments of the real tool and how earlier arguments look as fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from ion_core.providers.base import ToolSpec

ANSWER = "answer"
"""The action that ends a turn: its ``text`` is for the person."""
APPEND = "append"
"""The action that adds to a file; it becomes an edit of the file's end."""

Fields = dict[str, Any]
_WORD = re.compile(r"[^\W\d]\w{2,}")


class Action(Struct, frozen=True, kw_only=True):
    """One thing a small model can do.

    ``needs`` is the tool behind it. ``fields`` are all required strings, in this order; the values
    are limits of their length in characters, 0 for none. With ``on_known_files`` the path must be
    that of a file that the model has seen.
    """

    tool: str
    needs: str
    fields: dict[str, int]
    purpose: str
    on_known_files: bool = False
    arguments: Callable[[Fields], Fields] = dict
    flat: Callable[[Fields], Fields] = dict

    @property
    def usage(self) -> str:
        """Its line in the system text."""
        blanks = ", ".join(f'"{field}": …' for field in self.fields)
        return f'{{"tool": "{self.tool}", {blanks}}} {self.purpose}'

    def schema(self, files: Sequence[str]) -> Fields:
        """The JSON schema of exactly this action. One that needs a known file names ``files``."""
        properties: Fields = {"tool": {"const": self.tool}}
        properties.update({name: _string(limit) for name, limit in self.fields.items()})
        if self.on_known_files:
            properties["path"] = {"enum": list(files)}
        return {
            "type": "object",
            "properties": properties,
            "required": ["tool", *self.fields],
            "additionalProperties": False,
        }


def _string(limit: int) -> Fields:
    return {"type": "string", "maxLength": limit} if limit else {"type": "string"}


def _edits(fields: Fields) -> Fields:
    """A word alone is meant wherever it stands: that is how small models rename things."""
    old = str(fields.get("old", ""))
    edit = {"old_string": old, "new_string": fields.get("new", "")}
    if _WORD.fullmatch(old):
        edit["replace_all"] = True
    return {"path": fields.get("path", ""), "edits": [edit]}


def _first_edit(arguments: Fields) -> Fields:
    edits = arguments.get("edits")
    first = edits[0] if isinstance(edits, list) and edits and isinstance(edits[0], dict) else {}
    return {
        "path": arguments.get("path", ""),
        "old": first.get("old_string", ""),
        "new": first.get("new_string", ""),
    }


_ACTIONS = (
    Action(tool="read", needs="read", fields={"path": 200}, purpose="shows a file"),
    Action(
        tool="list", needs="list", fields={"path": 200}, purpose='shows a folder; "." is this one'
    ),
    Action(tool="grep", needs="grep", fields={"pattern": 200}, purpose="finds text in all files"),
    Action(
        tool="write",
        needs="write",
        fields={"path": 200, "content": 0},
        purpose="makes a new file, whole",
    ),
    Action(
        tool="edit",
        needs="edit",
        fields={"path": 200, "old": 0, "new": 0},
        purpose="changes a file that you have read: old becomes new",
        on_known_files=True,
        arguments=_edits,
        flat=_first_edit,
    ),
    Action(
        tool=APPEND,
        needs="edit",
        fields={"path": 200, "text": 0},
        purpose="adds text at the end of a file that you have read",
        on_known_files=True,
    ),
    Action(
        tool="bash",
        needs="bash",
        fields={"command": 0},
        purpose="runs a shell command: python3, wc, sed, mv, rm and so on",
    ),
)
_FINAL = Action(
    tool=ANSWER, needs="", fields={"text": 600}, purpose="ends the task: tell the outcome"
)


def actions_for(tools: Sequence[ToolSpec]) -> tuple[Action, ...]:
    """The actions that stand for offered tools; :data:`ANSWER` is always the last one."""
    offered = {tool.name for tool in tools}
    return (*(action for action in _ACTIONS if action.needs in offered), _FINAL)


def as_fields(tool: str, arguments: Fields) -> Fields:
    """An earlier call as the object that a small model would have written."""
    known = next((action for action in _ACTIONS if action.tool == tool), None)
    return {"tool": tool, **(known.flat(arguments) if known else arguments)}


def as_arguments(tool: str, fields: Fields) -> Fields:
    """The real tool's arguments from an action's fields."""
    rest = {name: value for name, value in fields.items() if name != "tool"}
    known = next((action for action in _ACTIONS if action.tool == tool), None)
    return known.arguments(rest) if known else rest
