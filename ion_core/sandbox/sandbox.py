"""The sandbox of one process: it prepares the start of a child, and tidies up after it.

It starts nothing itself. A preparation says which command line and variables to start with, on a
thread under which rules, and what to do when nothing of the child runs any more.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from ion_core.sandbox import seatbelt
from ion_core.sandbox.base import Bounds, Means
from ion_core.sandbox.bwrap import Masks, arguments
from ion_core.sandbox.domains import Domains
from ion_core.sandbox.feed import Feed
from ion_core.sandbox.fresh import defused
from ion_core.sandbox.grants import Grants, grants
from ion_core.sandbox.guard import Contents, Guard
from ion_core.sandbox.inlet import Inlet, interpreter
from ion_core.sandbox.inlet import variables as proxy_variables
from ion_core.sandbox.landlock import confine_files, confine_scope
from ion_core.sandbox.places import Guarded, Places, Surveyor, is_within
from ion_core.sandbox.privileges import forgo_capabilities
from ion_core.sandbox.probe import probe
from ion_core.sandbox.proxy import Lead, Proxy
from ion_core.sandbox.repositories import Repository
from ion_core.sandbox.seccomp import Filter, confine_calls, program
from ion_core.sandbox.stand_ins import StandIns
from ion_core.sandbox.words import hint

_MOST_PROCESSES = 512


class Prepared(Struct, frozen=True, kw_only=True):
    """How to start a child.

    ``thread`` names the rules of the thread that starts it, which ``enter`` puts there; equal
    names share a thread. The child waits for ``feed``, of which it is left the reading end; it is
    closed when the child was started. ``inlet`` is its way to the network, which begins then.
    ``settle`` is called once, also when the start failed.
    """

    argv: tuple[str, ...]
    environment: dict[str, str]
    thread: object
    enter: Callable[[], None]
    feed: Feed | None = None
    inlet: Inlet | None = None
    hint: str
    settle: Callable[[], tuple[str, ...]]

    @property
    def ways(self) -> tuple[int, ...]:
        """The descriptors that the child is left besides its feed."""
        return () if self.inlet is None else (self.inlet.descriptor,)

    def settled(self) -> tuple[str, ...]:
        """Close the way to the network and :attr:`settle`; what both have to say."""
        refused = () if self.inlet is None else self.inlet.close()
        return (*refused, *self.settle())


class Sandbox:
    """``own`` is ion's folder; ``means`` are what was found there is; ``lead`` judges where a proxy
    may connect to, and without it there is none."""

    def __init__(self, own: Path, means: Means | None = None, lead: Lead | None = None) -> None:
        self._lead = lead
        self._masks = _masks(own / "cache" / "sandbox")
        self.means = probe(self._masks) if means is None else means
        self._surveyor, self._stand_ins = Surveyor(), StandIns(own / "cache" / "sandbox")
        self._stand_ins.sweep()
        self._filters: dict[Filter, bytes] = {}
        self._grants: dict[object, Grants] = {}
        self._contents: Contents = {}
        self._temporary = ""

    def prepare(
        self, bounds: Bounds, argv: tuple[str, ...], environment: Mapping[str, str]
    ) -> Prepared:
        """How to start ``argv`` within ``bounds``. Reads the disk. Raises ``OSError`` where the
        machine has no means."""
        found = self._surveyor.places(bounds)
        variables = {**environment, **_paths(bounds, environment)}
        if self.means.seatbelt:
            return self._by_seatbelt(bounds, found, argv, variables)
        if self.means.protection == "full":
            return self._by_bubblewrap(bounds, found, argv, variables)
        if self.means.protection == "reduced":
            return self._by_landlock(bounds, found, argv, variables)
        raise OSError("There is no sandbox on this machine.")

    def close(self) -> None:
        """Remove the temporary folder of its children, and what else was for them."""
        self._stand_ins.close()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = ""

    def _by_bubblewrap(
        self, bounds: Bounds, found: Places, argv: tuple[str, ...], variables: dict[str, str]
    ) -> Prepared:
        taken = self._stand_ins.take(found.guarded)
        found = found.with_names(taken)
        inlet = self._inlet(bounds)
        if inlet is not None:
            needed = [path for path in interpreter() if not is_within(path, found.looked_at)]
            bounds = replace(bounds, shown=(*bounds.shown, *needed))
            variables, argv = {**variables, **proxy_variables()}, (*inlet.front(), *argv)
        argv = (*_numbered(), *argv)
        words = arguments(bounds, found, self._masks)
        open_ports = bounds.online or inlet is not None
        unix = bounds.profile == "write" and not (bounds.online and not self.means.scoped)
        feed = Feed(self._filter(Filter(unix=unix, network=open_ports)))
        front = (self.means.bubblewrap, *words, "--seccomp", str(feed.descriptor))
        scoped = self.means.scoped
        return Prepared(
            argv=(*front, "--chdir", variables.get("PWD", bounds.root), "--", *argv),
            environment={**variables, "TMPDIR": "/tmp"},
            thread=("scope", scoped, open_ports),
            enter=partial(confine_scope, online=open_ports) if scoped else _nothing,
            feed=feed,
            inlet=inlet,
            hint=hint(bounds, "full"),
            settle=self._settling(bounds, found, taken),
        )

    def _inlet(self, bounds: Bounds) -> Inlet | None:
        if self._lead is None or not bounds.proxied:
            return None
        return Inlet(Proxy(Domains(bounds.domains), self._lead))

    def _by_landlock(
        self, bounds: Bounds, found: Places, argv: tuple[str, ...], variables: dict[str, str]
    ) -> Prepared:
        known = (bounds, found.looked_at, found.changed, found.denied)
        if known not in self._grants:
            self._grants[known] = grants(bounds, found, self._folder())
        rules = self._grants[known]
        return Prepared(
            argv=argv,
            environment={**variables, "TMPDIR": self._folder()},
            thread=rules,
            enter=partial(_confine, rules),
            hint=hint(bounds, "reduced"),
            settle=self._settling(bounds, found, []),
        )

    def _by_seatbelt(
        self, bounds: Bounds, found: Places, argv: tuple[str, ...], variables: dict[str, str]
    ) -> Prepared:
        front = seatbelt.command(self.means.seatbelt, bounds, found, self._folder())
        return Prepared(
            argv=(*front, *argv),
            environment={**variables, "TMPDIR": self._folder()},
            thread="seatbelt",
            enter=_nothing,
            hint=hint(bounds, "full"),
            settle=self._settling(bounds, found, []),
        )

    def _settling(
        self, bounds: Bounds, found: Places, taken: list[str]
    ) -> Callable[[], tuple[str, ...]]:
        """What to do afterwards: compare, put back, and look at repositories that are new."""
        if bounds.profile == "read":
            return tuple
        mounted = self.means.protection == "full" and not self.means.seatbelt
        guard = Guard(
            (one.path for one in found.guarded if not (mounted and _mounts(one))),
            bounds.root,
            self._contents,
        )
        known = {one.mark for one in found.repositories}

        def settle() -> tuple[str, ...]:
            self._stand_ins.give_back(taken)
            told = guard.restore()
            now = self._surveyor.repositories_in(found)
            commons = {one.common for one in now if one.mark in known}
            return (*told, *defused(one.mark for one in now if _is_new(one, known, commons)))

        return settle

    def _filter(self, chosen: Filter) -> bytes:
        if chosen not in self._filters:
            self._filters[chosen] = program(chosen)
        return self._filters[chosen]

    def _folder(self) -> str:
        if not self._temporary:
            self._temporary = os.path.realpath(tempfile.mkdtemp(prefix="ion-sandbox-"))
        return self._temporary


def _confine(rules: Grants) -> None:
    confine_files(rules.looked_at, rules.changed, online=rules.online)
    confine_calls(Filter(network=rules.online, labels=rules.labels))
    forgo_capabilities()


def _numbered() -> tuple[str, ...]:
    """What lets a command have no more processes than ``_MOST_PROCESSES``, put before it. The
    kernel counts them by namespace and person, so that it is set inside; root it never counts."""
    if os.geteuid() == 0:
        return ()
    # dash knows -p, bash -u
    limiting = f"ulimit -p {_MOST_PROCESSES} 2>/dev/null || ulimit -u {_MOST_PROCESSES}"
    return ("/bin/sh", "-c", f'{limiting}; exec "$@"', "sh")


def _nothing() -> None:
    pass


def _is_new(one: Repository, known: set[str], commons: set[str]) -> bool:
    return one.mark not in known and not (one.private and one.common in commons)


def _mounts(one: Guarded) -> bool:
    """Whether bubblewrap mounts upon this path: it is there, and no link leads to it."""
    return one.direct and one.is_there


def _masks(folder: Path) -> Masks:
    """An empty folder and a file that nobody may read, made once. Whoever removes what is around
    the folder must be able to look into it. Raises ``OSError``."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    nothing, empty = folder / "nothing", folder / "empty"
    if not nothing.exists():
        nothing.touch(mode=0o000)
    empty.mkdir(mode=0o500, exist_ok=True)
    return Masks(folder=str(empty), file=str(nothing))


def _paths(bounds: Bounds, environment: Mapping[str, str]) -> dict[str, str]:
    """The folders of programs, none of the workspace where it may only be looked at, and the
    person's own, as it is called inside."""
    folders = environment.get("PATH", "").split(":")
    if bounds.profile == "read":
        folders = [f for f in folders if not os.path.realpath(f).startswith(bounds.root + "/")]
    return {"PATH": ":".join(folders) or "/usr/bin:/bin", "HOME": bounds.home}
