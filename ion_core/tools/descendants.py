"""Processes that descend from a child, as ``/proc`` shows them.

Where there is no ``/proc`` (macOS), groups are judged by signals alone and marks are not found.
"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterable, Iterator

_ROUNDS = 5
_FEW = 64


def group_lives(group: int) -> bool:
    """Whether a process of the group still runs. A zombie that nobody collects does not."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    if not os.path.isdir("/proc/self"):
        return True
    return any(_runs_in(pid, group) for pid in begun_after(group - 1))


def is_kept_alone(group: int) -> bool:
    """Whether of a group whose leader ended nothing is left but the first process of a namespace
    of processes, which ends as well: the kernel takes milliseconds to clear the namespace up."""
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return True
    since = list(begun_after(group))
    left = [pid for pid in since if _runs_in(pid, group)]
    if not all(_is_first(pid) for pid in left):
        return False
    spaces = {_space(pid) for pid in left} - {""}
    return not any(_space(pid) in spaces for pid in since if pid not in left and _runs(pid))


def signal_others(group: int, number: int) -> None:
    """Send a signal to every process of the group but its leader, and but the first process of a
    namespace of processes, which has no ear for it."""
    for pid in [pid for pid in _pids() if pid != group and _runs_in(pid, group)]:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def end_marked(mark: bytes, since: int = 0) -> None:
    """SIGKILL for every process whose first environment holds ``mark`` (``NAME=value``), until no
    new one is found. ``since``: they all began after this process did."""
    for _ in range(_ROUNDS):
        marked = [pid for pid in begun_after(since) if mark in environment(pid)]
        for pid in marked:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not marked:
            return


def _pids() -> Iterator[int]:
    with contextlib.suppress(OSError), os.scandir("/proc") as entries:
        yield from (int(entry.name) for entry in entries if entry.name.isdigit())


def begun_after(pid: int) -> Iterable[int]:
    """The processes begun after ``pid``, and perhaps numbers of some that have ended. Numbers are
    given in turn and begin anew at the end; the last of ``/proc/loadavg`` is the latest (proc(5)).
    """
    latest = _latest()
    if 0 <= latest - pid <= _FEW:
        return range(pid + 1, latest + 1)
    known = list(_pids())
    latest = _latest()
    if latest >= pid:
        return [other for other in known if pid < other <= latest]
    return [other for other in known if other > pid or other <= latest]


def _latest() -> int:
    return int((read("/proc/loadavg").split() or [b"0"])[-1])


def _is_first(pid: int) -> bool:
    """Whether a process is the first of its namespace: its innermost number is 1."""
    numbers = read(f"/proc/{pid}/status").partition(b"NSpid:")[2].partition(b"\n")[0]
    return numbers.split()[-1:] == [b"1"]


def _space(pid: int) -> str:
    try:
        return os.readlink(f"/proc/{pid}/ns/pid")
    except OSError:
        return ""


def _runs(pid: int) -> bool:
    return state(pid)[0] not in b"ZX"


def _runs_in(pid: int, group: int) -> bool:
    its_state, _, its_group = state(pid)
    return its_state not in b"ZX" and its_group == str(group).encode()


def state(pid: int) -> list[bytes]:
    """State, parent and group, which stand after the name in parentheses (proc(5))."""
    return (read(f"/proc/{pid}/stat").rpartition(b")")[2].split() + [b"X"] * 3)[:3]


def environment(pid: int) -> frozenset[bytes]:
    return frozenset(read(f"/proc/{pid}/environ").split(b"\0"))


def read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
