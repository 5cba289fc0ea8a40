"""Processes that descend from a child, as ``/proc`` shows them.

Where there is no ``/proc`` (macOS), groups are judged by signals alone and marks are not found.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator

_ROUNDS = 5


def group_lives(group: int) -> bool:
    """Whether a process of the group still runs. A zombie that nobody collects does not."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    if not os.path.isdir("/proc/self"):
        return True
    return any(_runs_in(pid, group) for pid in _pids())


def end_marked(mark: bytes) -> None:
    """SIGKILL for every process whose first environment holds ``mark`` (``NAME=value``), until no
    new one is found."""
    for _ in range(_ROUNDS):
        marked = [pid for pid in _pids() if mark in _environment(pid)]
        for pid in marked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not marked:
            return


def _pids() -> Iterator[int]:
    with contextlib.suppress(OSError), os.scandir("/proc") as entries:
        yield from (int(entry.name) for entry in entries if entry.name.isdigit())


def _runs_in(pid: int, group: int) -> bool:
    # After the name in parentheses: state, parent, group (proc(5)).
    state, _, its_group = (_read(f"/proc/{pid}/stat").rpartition(b")")[2].split() + [b"X"] * 3)[:3]
    return state not in b"ZX" and its_group == str(group).encode()


def _environment(pid: int) -> frozenset[bytes]:
    return frozenset(_read(f"/proc/{pid}/environ").split(b"\0"))


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
