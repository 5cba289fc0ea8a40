"""Which files were read, written and deleted, and when last."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ion_core.context.ledgers.ledger import FileFact
from ion_core.entries import Entry
from ion_core.messages import ToolCall, ToolResult

if TYPE_CHECKING:
    from ion_core.context.ledgers.gather import Changed

_OPS = {
    **dict.fromkeys(("read", "read_file", "view", "readfile", "notebookread"), "r"),
    **dict.fromkeys(("write", "write_file", "create", "edit", "multiedit", "replace"), "w"),
    **dict.fromkeys(("str_replace_editor", "notebookedit", "edit_file"), "w"),
}
_PATHS = ("path", "file_path", "filePath", "absolute_path", "notebook_path", "file")
_PATCHED = re.compile(
    r"^\*\*\* (Add|Update|Delete) File: (.+?)\s*$|^\*\*\* Move to: (.+?)\s*$", re.M
)


class Files:
    """Gathers; ``root`` is what paths are told from."""

    def __init__(self, root: Path) -> None:
        self._root = os.fspath(root)
        self._known: dict[str, tuple[set[str], Entry]] = {}

    def add(self, entry: Entry, call: ToolCall, result: ToolResult) -> None:
        """Take a call in that was answered."""
        if result.status != "ok":
            return
        if call.name == "apply_patch":
            self._add_patch(entry, str(next(iter(call.arguments.values()), "")))
        elif op := _OPS.get(call.name.lower()):
            path = next((call.arguments[key] for key in _PATHS if call.arguments.get(key)), None)
            if isinstance(path, str):
                self._note(path, op, entry)

    def facts(self, changed: Changed | None) -> tuple[FileFact, ...]:
        """What was gathered, in the order of the last touch."""
        ordered = sorted(self._known.items(), key=lambda item: item[1][1].at)
        return tuple(
            FileFact(
                path=path,
                ops="".join(op for op in "rwd" if op in ops),
                entry=entry.id,
                since=changed(path, entry.at) if changed is not None and "d" not in ops else "",
            )
            for path, (ops, entry) in ordered
        )

    def _add_patch(self, entry: Entry, patch: str) -> None:
        for verb, path, moved in _PATCHED.findall(patch):
            self._note(moved or path, "d" if verb == "Delete" else "w", entry)

    def _note(self, path: str, op: str, entry: Entry) -> None:
        shown = self._shown(path)
        ops = self._known.get(shown, (set(), entry))[0]
        if op != "d":
            ops.discard("d")
        ops.add(op)
        self._known[shown] = (ops, entry)

    def _shown(self, path: str) -> str:
        plain = os.path.normpath(path)
        if plain.startswith(self._root + os.sep):
            plain = plain[len(self._root) + 1 :]
        return plain
