"""The values of the ledgers. Ids are those of entries, for ``recall``."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from ion_core.entries import Mode
from ion_core.ids import EntryId
from ion_core.todo import TodoItem


class Quote(Struct, frozen=True, kw_only=True):
    """What a person said, word for word; ``binds``: it seems to set a rule."""

    entry: EntryId
    text: str
    binds: bool = False


class Kept(Struct, frozen=True, kw_only=True):
    """A note of the model's ``kind``, or a sentence of an answer's."""

    kind: str
    text: str


Since: TypeAlias = Literal["", "changed", "gone"]


class FileFact(Struct, frozen=True, kw_only=True):
    """What was done to a file: ``ops`` are letters of r(ead), w(ritten), d(eleted); ``entry`` is
    the last of it. ``since`` is what somebody else did to it later."""

    path: str
    ops: str
    entry: EntryId
    since: Since = ""


class ErrorFact(Struct, frozen=True, kw_only=True):
    """A failure, as often as it came: ``line`` is the newest wording, ``command`` what failed so;
    ``resolved``: the same command succeeded later."""

    line: str
    count: int
    command: str
    entry: EntryId
    resolved: bool


class CommandFact(Struct, frozen=True, kw_only=True):
    """A command that worked, the last time that it did."""

    command: str
    cwd: str
    duration_ms: int | None
    entry: EntryId
    checks: bool
    """Whether it builds, tests or checks something."""


class Ledgers(Struct, frozen=True, kw_only=True):
    """All of them, oldest first within each. ``jobs`` and agents are (id, what, state);
    ``entries`` is how many entries of the path say something."""

    quotes: tuple[Quote, ...] = ()
    pins: tuple[Quote, ...] = ()
    kept: tuple[Kept, ...] = ()
    said: tuple[Kept, ...] = ()
    files: tuple[FileFact, ...] = ()
    errors: tuple[ErrorFact, ...] = ()
    commands: tuple[CommandFact, ...] = ()
    todo: tuple[TodoItem, ...] = ()
    mode: Mode | None = None
    plan: str = ""
    skills: tuple[str, ...] = ()
    jobs: tuple[tuple[str, str, str], ...] = ()
    entries: int = 0
