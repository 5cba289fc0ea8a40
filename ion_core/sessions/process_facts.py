"""What a process can know of others by their number: whether one still runs, and where.

A number alone says little: it is used again. So a process is its number, when it began, the boot of
its machine, and the namespace in which its number counts.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from msgspec import Struct


class Place(Struct, frozen=True, kw_only=True):
    """Where process numbers mean the same: a host (with its namespace of numbers), and its boot."""

    host: str
    boot: str


class Holder(Struct, frozen=True, kw_only=True):
    """A process that holds something; ``host`` is empty for this one."""

    pid: int
    host: str = ""


def place() -> Place:
    """This process's own. Where the system does not tell of boots, ``boot`` is empty."""
    namespace = ""
    with suppress(OSError):
        namespace = os.readlink("/proc/self/ns/pid")
    boot = _read("/proc/sys/kernel/random/boot_id").strip()
    return Place(host=f"{os.uname().nodename} {namespace}".strip(), boot=boot)


def is_running(pid: int, began_ms: int = 0) -> bool:
    """Whether the process ``pid`` of this place runs, the one that :func:`started_ms` said
    ``began_ms`` of, if that is known. One that was killed and not yet buried does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's, which runs
        return True
    now = _stat(pid)
    if not now:
        return True
    return now[0] not in ("Z", "X") and (not began_ms or _began_ms(now) == began_ms)


def started_ms(pid: int) -> int | None:
    """Milliseconds from the boot to the start of a process, as proc(5) counts them; None where
    nothing tells."""
    stat = _stat(pid)
    return _began_ms(stat) if stat else None


def _began_ms(stat: list[str]) -> int:
    return int(stat[19]) * 1000 // os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> list[str]:
    """The fields from the state on (proc(5)); the name before it may hold anything."""
    return _read(f"/proc/{pid}/stat").rpartition(")")[2].split()


def _read(path: str) -> str:
    try:
        return Path(path).read_text()
    except OSError:
        return ""
