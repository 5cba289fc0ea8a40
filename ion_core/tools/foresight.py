"""What calls that were not run yet mean to make of files, as hashes of before and after.

It is recorded with the intent of a call, so that whoever finds the call without a result can look
at the files and say whether it was done. What cannot be known beforehand is left out.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, NamedTuple, Protocol, runtime_checkable

from msgspec import Struct

from ion_core.tools.document import Document
from ion_core.tools.paths import Workspace
from ion_core.tools.text import encoding_of

MOST_BYTES = 8 << 20
"""Of larger files nothing is foretold: reading them twice would be felt."""


class Becoming(NamedTuple):
    """A file's bytes before and after a call; None where it is not there."""

    path: Path
    before: bytes | None
    after: bytes | None


@runtime_checkable
class Foretells(Protocol):
    """A tool whose effect on files follows from its arguments."""

    def foretell(self, args: Any, sketch: Sketch) -> list[Becoming]:
        """What a call would make of files; nothing is written. Raises whatever the call would."""
        ...


class Meant(Struct, frozen=True, kw_only=True):
    """What one call means to make of one file: SHA-256 in hex, empty where it is not there."""

    path: str
    before: str
    after: str


class Sketch:
    """The files of a workspace as they will be once the calls so far were run."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self._known: dict[Path, bytes | None] = {}

    def document(self, path: Path) -> Document:
        """A file as it will be. Raises ``OSError``, ``PathRefused`` and ``NotText``."""
        shown = self.workspace.shown(path)
        if path not in self._known:
            return Document.read(path, shown) if path.exists() else Document.new(path, shown)
        data = self._known[path]
        encoding = encoding_of(data or b"")
        if data is None or encoding is None:
            return Document.new(path, shown)
        return Document(path, shown, None, data, encoding)

    def knows(self, path: Path) -> bool:
        """Whether an earlier call of the same answer changes the file."""
        return path in self._known

    def bytes_of(self, document: Document) -> bytes | None:
        """What a document's file holds; None when it will not be there."""
        there = self._known.get(document.path) is not None or document.status is not None
        return document.data if there else None

    def meant(self, tool: object, args: Any) -> tuple[Meant, ...]:
        """What a call means to do; empty where that is not known."""
        if not isinstance(tool, Foretells):
            return ()
        try:
            becoming = tool.foretell(args, self)
        except Exception:  # the call itself will meet it, and say so
            return ()
        if any(len(data) > MOST_BYTES for one in becoming for data in one[1:] if data):
            return ()
        self._known.update((one.path, one.after) for one in becoming)
        return tuple(
            Meant(path=str(one.path), before=digest(one.before), after=digest(one.after))
            for one in becoming
        )


def digest(data: bytes | None) -> str:
    """A file's content as ``Meant`` has it."""
    return "" if data is None else hashlib.sha256(data).hexdigest()
