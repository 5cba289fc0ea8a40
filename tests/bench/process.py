"""What the kernel says about a running program: processor time and memory.

Figures cover every process of the program's session, since a program may have children.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

_PROC = Path("/proc")


def family(leader: int) -> list[int]:
    """The processes whose session is led by ``leader``."""
    return [pid for pid in map(int, filter(str.isdigit, os.listdir(_PROC))) if _sid(pid) == leader]


def cpu_s(leader: int) -> float:
    """Seconds of processor time that living members of the family have used."""
    return sum(_clock(pid) for pid in family(leader))


def memory_mb(leader: int) -> float:
    """Resident memory of the family now, shared pages counted in each."""
    return sum(_status_kb(pid, "VmRSS") for pid in family(leader)) / 1024


def peak_mb(pid: int) -> float:
    """The most memory that one process ever had."""
    return _status_kb(pid, "VmHWM") / 1024


def _sid(pid: int) -> int:
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return 0


def _clock(pid: int) -> float:
    """The process's processor-time clock, to the nanosecond (clock ids: Linux posix-timers.h)."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def _status_kb(pid: int, name: str) -> int:
    try:
        lines = (_PROC / str(pid) / "status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(name)), 0)
