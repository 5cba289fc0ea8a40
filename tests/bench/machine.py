"""What was measured, on what: the facts that a figure means nothing without."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import version

PACKAGES = ("textual", "httpx", "msgspec", "aiosqlite", "pydantic-settings")


def facts(argv: Sequence[str]) -> dict[str, str]:
    """Name and value, in the order in which they are printed."""
    load = " ".join(f"{value:.2f}" for value in os.getloadavg())
    return {
        "machine": f"{os.cpu_count()} cores, {_memory_gb():.0f} GB, {platform.machine()}",
        "kernel": f"{platform.system()} {platform.release()}",
        "python": sys.version.split()[0],
        "packages": ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "load": f"{load} (1, 5, 15 minutes, at the end)",
        "command": " ".join(["python -m tests.bench", *argv]),
    }


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
