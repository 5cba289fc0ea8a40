"""The folders in which a project keeps what extends agents, and those of the person.

A project's come first, the nearest folder before those above it up to the top of the repository;
the person's own come last. Only names are looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct


class Rung(Struct, frozen=True, kw_only=True):
    """A folder that exists; ``owner`` is whose it is."""

    path: Path
    owner: str


class Ladder(Struct, frozen=True, kw_only=True):
    """For work in ``cwd``. ``home`` is ion's own folder, ``person`` the person's; nothing of a
    project that is not ``trusted`` counts. ``compat``: also what is there for other agents."""

    cwd: Path
    home: Path
    person: Path
    trusted: bool
    compat: bool = True

    def rungs(self, kind: str, others: Sequence[str], config: str = "") -> list[Rung]:
        """The folders for things of a kind (``skills``), the first one wins. ``others`` are what
        other agents call their folders (``.claude``); ``config`` is one below ``~/.config``."""
        names = (".ion", *(others if self.compat else ()))
        found: list[Rung] = []
        if self.trusted:
            for folder in up(self.cwd):
                if folder == self.person:
                    break
                found += [Rung(path=folder / name / kind, owner="project") for name in names]
        found.append(Rung(path=self.home / kind, owner="person"))
        if self.compat:
            found += [Rung(path=self.person / name / kind, owner="person") for name in others]
            if config:
                found.append(Rung(path=self.person / ".config" / config / kind, owner="person"))
        unique = {rung.path: rung for rung in reversed(found)}
        return [rung for rung in found if unique.pop(rung.path, None) and rung.path.is_dir()]


def ladder(cwd: Path, home: Path, env: Mapping[str, str], *, trusted: bool, compat: bool) -> Ladder:
    """The ladder of a folder."""
    person = Path(env.get("HOME") or os.path.expanduser("~"))
    return Ladder(cwd=cwd, home=home, person=person, trusted=trusted, compat=compat)


def up(cwd: Path) -> Iterator[Path]:
    """The folder and those above it, up to the top of the repository; alone outside of one."""
    above = (cwd, *cwd.parents)
    top = next((folder for folder in above if os.path.lexists(folder / ".git")), cwd)
    for folder in above:
        yield folder
        if folder == top:
            return
