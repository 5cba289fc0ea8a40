"""The commands of one folder: ``name.md``, and ``group/name.md`` as ``/group:name``.

Names are looked at; a file is read when its command is listed or called. The form is Claude Code's:
a head with ``description``, ``argument-hint``, ``allowed-tools``, ``model`` and ``agent``, and a
body with ``$ARGUMENTS``, ``$1``, ``!`command` `` and ``@file``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from ion_core.frontmatter import Document, parsed, words
from ion_core.ladder import Ladder

OTHERS: Final = (".agents", ".claude")
MOST: Final = 500
"""Commands of one folder; more than anybody has."""


class Command(Struct, frozen=True, kw_only=True):
    """``owner`` is whose it is. ``shadowed``: another one of its name is used; ``problem`` is why
    it cannot be."""

    name: str
    file: Path
    owner: str
    description: str = ""
    hint: str = ""
    allowed: tuple[str, ...] = ()
    model: str = ""
    agent: str = ""
    body: str = ""
    problem: str = ""
    shadowed: bool = False

    @property
    def usable(self) -> bool:
        return not self.problem and not self.shadowed


class CommandShelf:
    """By ``ladder``."""

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder

    def names(self) -> dict[str, tuple[Path, str]]:
        """The file and its owner of each command that is used, by its name. Nothing is read."""
        found: dict[str, tuple[Path, str]] = {}
        for name, file, owner in self._files():
            found.setdefault(name, (file, owner))
        return found

    def find(self, name: str) -> Command | None:
        """The command of a name, read. Blocking."""
        place = self.names().get(name)
        return None if place is None else read(name, *place)

    def commands(self) -> list[Command]:
        """All of them, the shadowed ones too. Blocking."""
        taken: set[str] = set()
        found: list[Command] = []
        for name, file, owner in self._files():
            found.append(replace(read(name, file, owner), shadowed=name in taken))
            taken.add(name)
        return found

    def _files(self) -> Iterator[tuple[str, Path, str]]:
        for rung in self._ladder.rungs("commands", OTHERS):
            for file in list(_markdown(rung.path))[:MOST]:
                parts = file.relative_to(rung.path).with_suffix("").parts
                yield ":".join(parts), file, rung.owner


def read(name: str, file: Path, owner: str) -> Command:
    """A command from its file. Blocking. Never raises: what is wrong is its ``problem``."""
    try:
        document = parsed(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return Command(name=name, file=file, owner=owner, problem=f"It cannot be read: {error}")
    problem = document.problem or ("" if document.body.strip() else "It is empty.")
    meta = document.meta
    return Command(
        name=name,
        file=file,
        owner=owner,
        description=_described(document),
        hint=_text(meta.get("argument-hint")),
        allowed=words(meta.get("allowed-tools", meta.get("allowed_tools"))),
        model=_text(meta.get("model")),
        agent=_text(meta.get("agent")),
        body=document.body.strip(),
        problem=problem,
    )


def _described(document: Document) -> str:
    """What it says of itself, or else its first line."""
    said = _text(document.meta.get("description"))
    first = next((line.strip("# ").strip() for line in document.body.splitlines() if line), "")
    return said or first[:100]


def _text(value: object) -> str:
    """A field as text; ``[issue]`` of an argument hint is a list to YAML."""
    if isinstance(value, list):
        return " ".join(f"[{item}]" for item in value)
    return "" if value is None else " ".join(str(value).split())


def _markdown(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if name.endswith(".md") and not name.startswith("."):
                yield Path(place, name)
