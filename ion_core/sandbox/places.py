"""From bounds to the exact paths of this machine: what is looked at, changed, denied and guarded.

Names and links alone are read here, never a file of the workspace; a child cannot change what is
decided, since it starts afterwards.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterable, Iterator
from functools import cache
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ion_core.sandbox.base import Bounds
from ion_core.sandbox.known_places import (
    HOST_KEYS,
    SECRETS,
    STARTUP,
    STEERING_IF_THERE,
    STEERING_NAMES,
    SYSTEM,
    SYSTEM_SECRETS,
    TOOLCHAINS,
)
from ion_core.sandbox.repositories import Inside, Repositories, Repository, enclosing, repository

StandIn: TypeAlias = Literal["", "name", "folder", "file"]
"""``name``: something that nobody can open and few programs see; git would stumble over it."""

_BINARIES = frozenset({"bin", "sbin", "shims"})


class Guarded(Struct, frozen=True, kw_only=True):
    """A path that a child may not make, change, move or remove. ``stand_in``: what takes its name
    while it is missing, if anything does. ``direct``: no link is on the way to it, nor is it one.
    ``is_there``: something has the name. ``compared``: never mounted upon.
    """

    path: str
    stand_in: StandIn = ""
    compared: bool = False
    direct: bool = True
    is_there: bool = False

    @property
    def is_mounted(self) -> bool:
        """Whether bubblewrap mounts upon this path itself."""
        return self.direct and self.is_there and not self.compared


class Places(Struct, frozen=True, kw_only=True):
    """``looked_at`` and ``changed`` are trees or files; ``denied`` lies in them; ``pinned`` are
    folders that may not be moved away; ``repositories`` are those found."""

    looked_at: tuple[str, ...]
    changed: tuple[str, ...]
    denied: tuple[str, ...]
    guarded: tuple[Guarded, ...] = ()
    pinned: tuple[str, ...] = ()
    repositories: tuple[Repository, ...] = ()

    def with_names(self, made: Collection[str]) -> Places:
        """The same when something has taken these names."""
        guarded = (replace(g, is_there=True) if g.path in made else g for g in self.guarded)
        return replace(self, guarded=tuple(guarded)) if made else self


class Surveyor:
    """Finds places, and remembers what depends on the bounds alone."""

    def __init__(self) -> None:
        self.repositories = Repositories()
        self._standing: dict[Bounds, tuple[list[str], list[str]]] = {}

    def places(self, bounds: Bounds) -> Places:
        """The places for one child."""
        inside = self.repositories.inside(bounds.root)
        changed, known = self._changed(bounds, inside)
        looked_at, denied = self._look(bounds)
        denied = [*denied, *(path for path in inside.keys if not is_within(path, bounds.readable))]
        missing = [p for p in denied if is_within(p, changed) and not os.path.lexists(p)]
        guarded = (*_guarded(bounds, changed, known), *(Guarded(path=p) for p in missing))
        return Places(
            looked_at=tuple(path for path in looked_at if path not in changed),
            changed=tuple(changed),
            denied=tuple(path for path in denied if path not in missing and _holds_any(path)),
            guarded=tuple(_judged(guarded)),
            pinned=tuple(dict.fromkeys(_pinned(changed, known))),
            repositories=tuple(known),
        )

    def repositories_in(self, places: Places) -> list[Repository]:
        """The repositories there are now where something may be changed."""
        return [one for tree in places.changed for one in self.repositories.below(tree)]

    def _changed(self, bounds: Bounds, inside: Inside) -> tuple[list[str], list[Repository]]:
        """The trees that may be changed, and the repositories in them."""
        if bounds.profile == "read":
            return [], []
        trees = [path for path in bounds.trees if os.path.exists(path)]
        further = (self.repositories.below(tree) for tree in trees if tree != bounds.root)
        known = [one for found in (inside.repositories, *further) for one in found]
        above = enclosing(bounds.root, bounds.home)
        if above and (around := repository(above)) is not None:
            known.append(around)
        commons = [one.common for one in known if one.private or not is_within(one.common, trees)]
        return list(dict.fromkeys([*trees, *commons])), known

    def _look(self, bounds: Bounds) -> tuple[list[str], list[str]]:
        """What is looked at, and what of it is denied, both by their names."""
        if bounds not in self._standing:
            looked_at = _needed(_looked_at(bounds))
            granted = (*looked_at, *(bounds.writable if bounds.profile == "write" else ()))
            denied = [path for path in _denied(bounds) if is_within(path, granted)]
            self._standing[bounds] = (looked_at, denied)
        return self._standing[bounds]


def _holds_any(path: str) -> bool:
    """Whether there is something to be denied: of the system's secrets most are closed to the
    person anyway, or empty."""
    if path.startswith("/etc/") and not os.access(path, os.R_OK):
        return False
    try:
        return bool(os.listdir(path)) if os.path.isdir(path) else os.lstat(path).st_size > 0
    except PermissionError:
        return True
    except OSError:
        return False


def _needed(paths: Iterable[str]) -> list[str]:
    """Without those that lie in others."""
    found: list[str] = []
    for path in sorted(dict.fromkeys(paths), key=lambda path: path.count("/")):
        if not is_within(path, found):
            found.append(path)
    return found


def _judged(guarded: Iterable[Guarded]) -> Iterator[Guarded]:
    real = cache(os.path.realpath)
    for one in guarded:
        above = one.path.rpartition("/")[0] or "/"
        try:
            is_there, is_link = True, stat.S_ISLNK(os.lstat(one.path).st_mode)
        except OSError:
            is_there, is_link = False, False
        is_direct = not is_link and real(above) == above
        if is_there or not is_direct:
            yield replace(one, direct=is_direct, is_there=is_there)
        else:
            yield one


def _looked_at(bounds: Bounds) -> Iterator[str]:
    yield from (path for path in SYSTEM if os.path.exists(path))
    below_home = (f"{bounds.home}/{name}" for name in TOOLCHAINS)
    for path in (*below_home, *_program_folders(bounds), *bounds.readable, *bounds.shown):
        if os.path.exists(path):
            yield path
    yield bounds.root
    if around := enclosing(bounds.root, bounds.home):
        yield around
    if bounds.online and os.path.islink("/etc/resolv.conf"):
        yield _real("/etc/resolv.conf")


def _program_folders(bounds: Bounds) -> Iterator[str]:
    """The folders of programs, and the installations that they belong to."""
    for folder in bounds.path:
        real = _real(folder)
        if not folder.startswith("/") or not os.path.isdir(real) or _holds(real, bounds.home):
            continue
        yield real
        yield folder  # where it is a link, a program is still looked for by this name
        above = os.path.dirname(real)
        installed = os.path.isdir(f"{above}/lib") or os.path.exists(f"{above}/pyvenv.cfg")
        private = above == f"{bounds.home}/.local" or _holds(above, bounds.home)
        if os.path.basename(real) in _BINARIES and installed and not private:
            yield above


def _denied(bounds: Bounds) -> Iterator[str]:
    """What is never looked at, whatever is granted above it. A person may name one of these."""
    named = {_real(path) for path in (*bounds.readable, *bounds.writable)}
    folder, begins, ends = HOST_KEYS
    keys = (
        f"{folder}/{name}"
        for name in _names(folder)
        if name.startswith(begins) and name.endswith(ends)
    )
    below_home = (f"{bounds.home}/{name}" for name in SECRETS)
    histories = (
        f"{bounds.home}/{name}"
        for name in _names(bounds.home)
        if name.startswith(".") and name.endswith("_history")
    )
    for path in (*SYSTEM_SECRETS, *keys, *below_home, *histories):
        if _real(path) not in named:
            yield path
    yield bounds.own


def _guarded(
    bounds: Bounds, changed: Iterable[str], known: Iterable[Repository]
) -> Iterator[Guarded]:
    if bounds.profile == "read":
        return
    for root in bounds.trees:
        yield from (Guarded(path=f"{root}/{n}", stand_in="name") for n in STEERING_NAMES)
        yield from (Guarded(path=f"{root}/{n}") for n in STEERING_IF_THERE)
    for path in (f"{bounds.home}/{name}" for name in STARTUP):
        if is_within(path, changed):
            yield Guarded(path=path, stand_in="name")
    for one in known:
        is_file = one.common == one.mark and not os.path.isdir(one.mark)
        if is_file or os.path.islink(one.mark):
            yield Guarded(path=one.mark, compared=not is_file)
        if not is_file:
            yield from map(_steering, one.steering)
        elif one.apart:
            apart = (path for path in one.steering if is_within(path, (one.apart,)))
            yield from (_steering(path) for path in apart if is_within(path, changed))


def _steering(path: str) -> Guarded:
    name = os.path.basename(path)
    kinds: dict[str, StandIn] = {"hooks": "folder", "config": "file", "attributes": "file"}
    return Guarded(path=path, stand_in=kinds.get(name, ""))


def _pinned(changed: Iterable[str], known: Iterable[Repository]) -> Iterator[str]:
    """The folders between what may be changed and what is guarded there."""
    places = [
        one.common if os.path.isdir(one.common) else os.path.dirname(one.mark) for one in known
    ]
    for place in (*places, *(one.apart for one in known if one.apart)):
        folder = place
        while folder not in changed and is_within(folder, changed):
            if not os.path.islink(folder):
                yield folder
            folder = os.path.dirname(folder)


def is_within(path: str, trees: Iterable[str]) -> bool:
    for tree in trees:  # any(…) takes twice the time, and every command waits for it
        if path.startswith(tree) and (path == tree or path[len(tree.rstrip("/"))] == "/"):
            return True
    return False


def _holds(folder: str, path: str) -> bool:
    """Whether ``folder`` is ``path`` or above it."""
    return is_within(path, (folder,))


def _real(path: str) -> str:
    return os.path.realpath(path)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []
