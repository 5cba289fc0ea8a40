"""The skills of one folder: found, remembered, and named to a model.

What their files say is kept in a small index that holds as long as the files are as they were, so
that a start costs a look at each and no YAML.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import replace

from ion_core import private
from ion_core.ladder import Ladder
from ion_core.skills.model import FILE, Skill, read

OWN: Final = Path(__file__).parent / "builtin"
OTHERS: Final = (".agents", ".claude")
BUDGET: Final = 8_000
"""Characters of the list that a model is told; above them it is told names alone."""
_HEAD: Final = (
    "Skills are instructions for a kind of work. When one fits, call the skill tool with its name "
    "before you begin:"
)


class Shelf:
    """By ``ladder``; ``cache`` is ion's own folder for such things."""

    def __init__(self, ladder: Ladder, cache: Path) -> None:
        self._ladder, self._cache = ladder, cache
        self._mark, self._skills = "", tuple[Skill, ...]()

    def skills(self) -> tuple[Skill, ...]:
        """All that were found, the broken and the shadowed ones too; ion's own come last.
        Blocking, for a moment."""
        folders = list(self._folders())
        mark = _mark(folders)
        if mark != self._mark:
            self._skills = _shadowed(self._recalled(mark) or self._read(folders, mark))
            self._mark = mark
        return self._skills

    def find(self, name: str) -> Skill | None:
        """The one that is used by a name."""
        usable = [skill for skill in self.skills() if skill.usable]
        return next((skill for skill in usable if skill.name == name), None)

    def catalogue(self) -> Mapping[str, str]:
        """What a model is told; nothing where there are only ion's own."""
        told = [skill for skill in self.skills() if skill.usable and skill.by_model]
        if all(skill.owner == "ion" for skill in told):
            return {}
        lines = [f"- {skill.name}: {skill.description}" for skill in told]
        text = "\n".join([_HEAD, *lines])
        if len(text) > BUDGET:
            names = ", ".join(skill.name for skill in told)
            text = f"{_HEAD} (too many to describe)\n{names}"[:BUDGET]
        return {"skills": text}

    def _folders(self) -> Iterator[tuple[Path, str]]:
        """Each folder of a skill with its owner."""
        for rung in self._ladder.rungs("skills", OTHERS):
            for name in _names(rung.path):
                if (rung.path / name / FILE).is_file():
                    yield rung.path / name, rung.owner
        for name in _names(OWN):
            yield OWN / name, "ion"

    def _recalled(self, mark: str) -> tuple[Skill, ...]:
        try:
            data = (self._cache / f"{mark}.json").read_bytes()
            return msgspec.json.decode(data, type=tuple[Skill, ...], dec_hook=lambda _, x: Path(x))
        except (OSError, msgspec.MsgspecError):
            return ()

    def _read(self, folders: list[tuple[Path, str]], mark: str) -> tuple[Skill, ...]:
        found = tuple(read(folder, owner) for folder, owner in folders)
        try:
            with private.file(self._cache / f"{mark}.json") as file:
                file.write(msgspec.json.encode(found, enc_hook=str))
        except OSError:  # without an index they are read again
            pass
        return found


def _names(folder: Path) -> list[str]:
    try:
        return sorted(name for name in os.listdir(folder) if not name.startswith("."))
    except OSError:
        return []


def _mark(folders: list[tuple[Path, str]]) -> str:
    """A few characters that differ when one of the files does."""
    state = []
    for folder, owner in folders:
        status = os.stat(folder / FILE)
        state.append((str(folder), owner, status.st_mtime_ns, status.st_size))
    return hashlib.blake2b(repr(state).encode("utf-8", "replace"), digest_size=12).hexdigest()


def _shadowed(skills: tuple[Skill, ...]) -> tuple[Skill, ...]:
    """The same, those marked of whose name an earlier one is used."""
    taken: set[str] = set()
    found: list[Skill] = []
    for skill in skills:
        found.append(replace(skill, shadowed=skill.name in taken))
        if not skill.problem:
            taken.add(skill.name)
    return tuple(found)
