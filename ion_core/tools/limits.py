"""Limits of what a child may use up: they hold for it and for all it starts.

They are set from outside at the moment the program begins, since setting them in the child before
would need ``preexec_fn``; what a program forks off twice within its first microseconds may escape
them. How many processes there may be is limited inside the sandbox, where nobody else's count.
"""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Callable

_MOST_FILES = 1_024
_LARGEST_FILE_BYTES = 2 << 30

_LIMITS = (
    (resource.RLIMIT_CORE, 0),
    (resource.RLIMIT_NOFILE, _MOST_FILES),
    (resource.RLIMIT_FSIZE, _LARGEST_FILE_BYTES),
)


def limit(pid: int) -> None:
    """No core dumps, 1,024 open files, files of 2 GiB, or less where there was less; also for all
    that it has started already. Without effect where the system cannot (macOS)."""
    change = getattr(resource, "prlimit", None)
    if change is None:
        return
    limited: set[int] = set()
    while fresh := _family(pid) - limited:
        for member in fresh:
            _limit(member, change)
        limited |= fresh


def _limit(pid: int, change: Callable[..., tuple[int, int]]) -> None:
    with contextlib.suppress(OSError):
        for which, most in _LIMITS:
            soft, hard = (_less(most, now) for now in change(pid, which))
            change(pid, which, (soft, hard))


def _family(pid: int) -> set[int]:
    """The child and all that it has started so far."""
    found, waiting = {pid}, [pid]
    while waiting:
        born = [child for child in _children(waiting.pop()) if child not in found]
        found.update(born)
        waiting += born
    return found


def _children(pid: int) -> list[int]:
    try:
        with open(f"/proc/{pid}/task/{pid}/children", "rb") as file:
            return [int(number) for number in file.read().split()]
    except OSError:
        return []


def _less(most: int, now: int) -> int:
    return most if now == resource.RLIM_INFINITY else min(most, now)
