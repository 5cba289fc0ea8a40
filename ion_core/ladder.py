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
        places: dict[str, str] = {}
        if self.trusted:
            person = str(self.person)
            for folder in up(self.cwd):
                if folder == person:
                    break
                places.update((f"{folder}/{name}/{kind}", "project") for name in names)
        own = [f"{self.home}/{kind}"]
        if self.compat:
            own += [f"{self.person}/{name}/{kind}" for name in others]
            if config:
                own.append(f"{self.person}/.config/{config}/{kind}")
        for path in own:
            places.setdefault(path, "person")
        there = filter(os.path.isdir, places)
        return [Rung(path=Path(path), owner=places[path]) for path in there]


def ladder(cwd: Path, home: Path, env: Mapping[str, str], *, trusted: bool, compat: bool) -> Ladder:
    """The ladder of a folder."""
    person = Path(env.get("HOME") or os.path.expanduser("~"))
    return Ladder(cwd=cwd, home=home, person=person, trusted=trusted, compat=compat)


def up(cwd: Path) -> Iterator[str]:
    """The folder and those above it, up to the top of the repository; alone outside of one."""
    folder, above = str(cwd), []
    while True:
        above.append(folder)
        if os.path.lexists(f"{folder}/.git"):
            return iter(above)
        folder, before = os.path.dirname(folder), folder
        if folder == before:
            return iter(above[:1])
