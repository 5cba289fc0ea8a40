"""What a write or an edit changed, as far as the calls of a session tell.

A weak model that replaced a file by half of it does not notice unless it is shown the lines that
are gone. The text before is known when the model read or wrote the file earlier in the session.
"""

from __future__ import annotations

from ion_core.messages import ToolCall

LINES = 40
"""Changed lines that are shown at most."""


class Changes:
    """Follows the files of a conversation; give it every call that went well, in order."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def read(self, call: ToolCall, text: str) -> None:
        """A file was shown: ``text`` without line numbers. A page of a file does not count."""
        if not {"offset", "limit"} & call.arguments.keys():
            self._texts[str(call.arguments.get("path", ""))] = text

    def made(self, call: ToolCall) -> str:
        """The lines that a write or an edit took out and put in, or nothing for other calls."""
        path = str(call.arguments.get("path", ""))
        match call.name:
            case "write":
                before, after = self._texts.get(path), str(call.arguments.get("content", ""))
                self._texts[path] = after
                return "" if before is None else _difference(before, after)
            case "edit":
                pairs = _pairs(call.arguments.get("edits"))
                for old, new in pairs if path in self._texts else ():
                    self._texts[path] = self._texts[path].replace(old, new)
                return "\n".join(_difference(old, new) for old, new in pairs)
            case _:
                return ""


def _pairs(edits: object) -> list[tuple[str, str]]:
    items = [item for item in edits if isinstance(item, dict)] if isinstance(edits, list) else []
    return [(str(item.get("old_string", "")), str(item.get("new_string", ""))) for item in items]


def _difference(before: str, after: str) -> str:
    # difflib is imported when a model of this mode changed a file, never on the way to a request.
    from difflib import ndiff

    lines = [
        line.rstrip()
        for line in ndiff(before.splitlines(), after.splitlines())
        if line[:2] in ("- ", "+ ")
    ]
    gone = sum(line.startswith("-") for line in lines)
    if gone and not any(line.startswith("+") for line in lines):
        lines.append(f"{gone} lines are gone from the file.")
    return "\n".join(lines[:LINES])
