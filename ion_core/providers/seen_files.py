"""The files whose text a model has seen or written, as far as the calls of a session tell.

They are what an edit may name, and what a model is shown again when an edit of its failed.
"""

from __future__ import annotations

from ion_core.messages import ToolCall


class SeenFiles:
    """Give it every call, in order."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._absent: set[str] = set()
        self._own: set[str] = set()

    @property
    def texts(self) -> dict[str, str]:
        """The files by path, in the order in which they were first seen."""
        return dict(self._texts)

    def text(self, call: ToolCall) -> str:
        """What is known of the file that a call names, or nothing."""
        return self._texts.get(_path(call), "")

    @property
    def looked_at(self) -> frozenset[str]:
        """The files that were seen, and those that were looked for in vain."""
        return frozenset(self._absent.union(self._texts))

    @property
    def own(self) -> frozenset[str]:
        """The files that the model wrote, whole."""
        return frozenset(self._own)

    def missing(self, call: ToolCall) -> None:
        """A read failed."""
        self._absent.add(_path(call))

    def shown(self, call: ToolCall, text: str) -> None:
        """A file was read: ``text`` is without line numbers."""
        self._texts[_path(call)] = text

    def changed(self, call: ToolCall) -> None:
        """A write or an edit was made; other calls change nothing that is known."""
        if call.name == "write":
            self._texts[_path(call)] = str(call.arguments.get("content", ""))
            self._own.add(_path(call))
        elif call.name == "edit" and (text := self.text(call)):
            for old, new in _pairs(call.arguments.get("edits")):
                text = text.replace(old, new)
            self._texts[_path(call)] = text


def _path(call: ToolCall) -> str:
    return str(call.arguments.get("path", ""))


def _pairs(edits: object) -> list[tuple[str, str]]:
    items = [item for item in edits if isinstance(item, dict)] if isinstance(edits, list) else []
    return [(str(item.get("old_string", "")), str(item.get("new_string", ""))) for item in items]
