"""The door of this room: what a transcript of another agent says, one value after another.

An importer reads a file and knows no store; ids are those of the file. What it cannot keep it says:
a line that is wrong as ``Bad``, a line that has no place in a session as ``LeftOut``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, TypeAlias

from msgspec import Struct

from ion_core.entries import Body
from ion_core.sessions.blobs import Blobs
from ion_core.usage import Usage


class Began(Struct, frozen=True, kw_only=True):
    """A session begins here, and the one before it ends. ``key`` is its own id, or what else tells
    it from others of its kind; ``at`` is in seconds since the epoch."""

    key: str
    at: float
    cwd: str = ""
    git_branch: str | None = None


class Found(Struct, frozen=True, kw_only=True):
    """An entry. ``parent`` (None: a root) stands above it, or it follows the one before it."""

    line: int
    id: str
    parent: str | None
    at: float
    body: Body


class Paid(Struct, frozen=True, kw_only=True):
    """What one request cost. ``entry`` is its answer; ``cost_nano`` None is unknown."""

    entry: str
    provider: str
    model: str
    usage: Usage
    cost_nano: int | None
    at: float


class Named(Struct, frozen=True, kw_only=True):
    """The session's title from here on. ``by_person`` keeps it from being made anew."""

    title: str
    by_person: bool = False


class Labelled(Struct, frozen=True, kw_only=True):
    """A person's mark on an entry."""

    entry: str
    label: str
    at: float


class LeftOut(Struct, frozen=True, kw_only=True):
    """A line that is well but has no place in a session; ``what`` names its sort."""

    what: str


class Bad(Struct, frozen=True, kw_only=True):
    """A line (from 1) that could not be taken as it is, and why."""

    line: int
    reason: str


Imported: TypeAlias = Began | Found | Paid | Named | Labelled | LeftOut | Bad


class Importer(Protocol):
    """One format. ``name`` is a word for people and part of every id it brings."""

    name: str

    def recognises(self, begin: bytes, file_name: str) -> bool:
        """Whether a file of this name that begins so is of this format."""
        ...

    def read(self, file: Path, blobs: Blobs) -> Iterator[Imported]:
        """Everything in the file, first to last, in bounded memory; pictures are kept in ``blobs``.

        Raises ``OSError``, and ``StoreError`` for a file that is of this format no further than
        its beginning.
        """
        ...
