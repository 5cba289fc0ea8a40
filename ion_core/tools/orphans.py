"""Descendants of confined children that hide: they left the group and cleared their environment.

Where nothing keeps the processes of a child together, ion asks for those whose parents end
(``PR_SET_CHILD_SUBREAPER``, prctl(2)). One of them is known by what it cannot shed: ion is its
parent, it has filters of system calls that ion does not have, and no mark of a child that lives.
Linux only.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from functools import cache

from ion_core.tools import descendants

_SUBREAPER = 36
_ROUNDS = 100

LIVING: dict[bytes, int] = {}
"""The marks of children that may still run, as they stand in environments, and their numbers (0
while a child is being started)."""


@cache
def adopt() -> None:
    """From now on a process whose parent ends is ion's. Once is enough."""
    if sys.platform == "linux":
        import ctypes  # start-up: a confined command needs it

        ctypes.CDLL(None, use_errno=True).prctl(_SUBREAPER, 1, 0, 0, 0)


def end(since: int) -> None:
    """SIGKILL for every orphan begun after the process ``since``, until there is none."""
    own = _filters("self")
    for _ in range(_ROUNDS):
        found = [pid for pid in descendants.begun_after(since) if _is_orphan(pid, own)]
        for pid in found:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        for pid in found:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        if not found:
            return


def _is_orphan(pid: int, own: int) -> bool:
    state, parent, _ = descendants.state(pid)
    if parent != str(os.getpid()).encode() or state in b"ZX" or pid in LIVING.values():
        return False
    if _filters(str(pid)) <= own:
        return False
    environment = descendants.environment(pid)
    # Between fork and exec a child of ion's own has ion's environment.
    return environment != descendants.environment(os.getpid()) and environment.isdisjoint(LIVING)


def _filters(pid: str) -> int:
    said = descendants.read(f"/proc/{pid}/status").partition(b"Seccomp_filters:")[2].split()
    return int(said[0]) if said else 0
