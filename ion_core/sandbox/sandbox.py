"""The sandbox of one process: it prepares the start of a child, and tidies up after it.

It starts nothing itself. A preparation says which command line and variables to start with, on a
thread under which rules, and what to do when nothing of the child runs any more.
"""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from msgspec import Struct

from ion_core.sandbox import seatbelt
from ion_core.sandbox.base import Bounds, Means
from ion_core.sandbox.bwrap import Masks
from ion_core.sandbox.domains import Domains
from ion_core.sandbox.grants import Grants, grants
from ion_core.sandbox.inlet import Inlet, interpreter
from ion_core.sandbox.inlet import variables as proxy_variables
from ion_core.sandbox.landlock import confine_files, confine_scope
from ion_core.sandbox.opening import Opening
from ion_core.sandbox.places import Surveyor
from ion_core.sandbox.privileges import forgo_capabilities
from ion_core.sandbox.probe import probe
from ion_core.sandbox.proxy import Lead, Proxy
from ion_core.sandbox.seccomp import Filter, confine_calls, program
from ion_core.sandbox.stand_ins import StandIns
from ion_core.sandbox.stay import Ground, Stay
from ion_core.sandbox.words import hint

_MOST_PROCESSES = 512


class Prepared(Struct, frozen=True, kw_only=True):
    """How to start a child.

    ``thread`` names the rules of the thread that starts it, which ``enter`` puts there; equal
    names share a thread. The child waits for ``opening``, which is released on that thread and
    closed when the child was started. ``inlet`` is its way to the network, which begins then.
    ``settle`` is called once, also when the start failed.
    """

    argv: tuple[str, ...]
    environment: dict[str, str]
    thread: object
    enter: Callable[[], None]
    opening: Opening | None = None
    inlet: Inlet | None = None
    hint: str
    settle: Callable[[], tuple[str, ...]]

    @property
    def descriptors(self) -> tuple[int, ...]:
        """What the child is left besides its streams."""
        opening = () if self.opening is None else self.opening.descriptors
        return opening if self.inlet is None else (*opening, self.inlet.descriptor)

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
        stand_ins = StandIns(own / "cache" / "sandbox")
        stand_ins.sweep()
        self._ground = Ground(Surveyor(), stand_ins, self._masks)
        self._filters: dict[Filter, bytes] = {}
        self._grants: dict[object, Grants] = {}
        self._temporary = ""

    def prepare(
        self, bounds: Bounds, argv: tuple[str, ...], environment: Mapping[str, str]
    ) -> Prepared:
        """How to start ``argv`` within ``bounds``. Reads the disk where there is no bubblewrap.
        Raises ``OSError`` where the machine has no means."""
        variables = {**environment, **_paths(bounds, environment)}
        stay = Stay(self._ground, bounds)
        if self.means.seatbelt:
            return self._by_seatbelt(bounds, stay, argv, variables)
        if self.means.protection == "full":
            return self._by_bubblewrap(bounds, stay, argv, variables)
        if self.means.protection == "reduced":
            return self._by_landlock(bounds, stay, argv, variables)
        raise OSError("There is no sandbox on this machine.")

    def close(self) -> None:
        """Remove the temporary folder of its children, and what else was for them."""
        self._ground.stand_ins.close()
        if self._temporary:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = ""

    def _by_bubblewrap(
        self, bounds: Bounds, stay: Stay, argv: tuple[str, ...], variables: dict[str, str]
    ) -> Prepared:
        inlet = self._inlet(bounds)
        needed: tuple[str, ...] = ()
        if inlet is not None:
            needed = interpreter()
            variables, argv = {**variables, **proxy_variables()}, (*inlet.front(), *argv)
        open_ports = bounds.online or inlet is not None
        unix = bounds.profile == "write" and not (bounds.online and not self.means.scoped)
        code = self._filter(Filter(unix=unix, network=open_ports))
        most, limiting = _numbered(self.means.bubblewrap)
        opening = Opening(partial(stay.mounted, needed), code, most)
        folder = variables.get("PWD", bounds.root)
        scoped = self.means.scoped
        return Prepared(
            argv=(self.means.bubblewrap, *opening.front, "--chdir", folder, "--", *limiting, *argv),
            environment={**variables, "TMPDIR": "/tmp"},
            thread=("scope", scoped, open_ports),
            enter=partial(confine_scope, online=open_ports) if scoped else _nothing,
            opening=opening,
            inlet=inlet,
            hint=hint(bounds, "full"),
            settle=stay.end,
        )

    def _inlet(self, bounds: Bounds) -> Inlet | None:
        if self._lead is None or not bounds.proxied:
            return None
        return Inlet(Proxy(Domains(bounds.domains), self._lead))

    def _by_landlock(
        self, bounds: Bounds, stay: Stay, argv: tuple[str, ...], variables: dict[str, str]
    ) -> Prepared:
        found = stay.compared()
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
            settle=stay.end,
        )

    def _by_seatbelt(
        self, bounds: Bounds, stay: Stay, argv: tuple[str, ...], variables: dict[str, str]
    ) -> Prepared:
        front = seatbelt.command(self.means.seatbelt, bounds, stay.compared(), self._folder())
        return Prepared(
            argv=(*front, *argv),
            environment={**variables, "TMPDIR": self._folder()},
            thread="seatbelt",
            enter=_nothing,
            hint=hint(bounds, "full"),
            settle=stay.end,
        )

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


def _numbered(program: str) -> tuple[int, tuple[str, ...]]:
    """How many processes a child is told of, and what limits them that is put before it. The
    kernel counts them by namespace and person, and root's never."""
    if os.geteuid() == 0:
        return 0, ()
    if not os.stat(program).st_mode & stat.S_ISUID:
        return _MOST_PROCESSES, ()
    # While it mounts as root, nobody may set limits on it. dash knows -p, bash -u.
    limiting = f"ulimit -p {_MOST_PROCESSES} 2>/dev/null || ulimit -u {_MOST_PROCESSES}"
    return 0, ("/bin/sh", "-c", f'{limiting}; exec "$@"', "sh")


def _nothing() -> None:
    pass


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
