"""The programs that ion starts: a shell, ripgrep, git; and what it runs on itself."""

from __future__ import annotations

import platform
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ion_core import __version__
from ion_core.doctor.base import Check, Patient, Status

_WITHIN_S = 1.0
_NEEDED = {
    "bash": "Commands need it: install bash.",
    "rg": "grep, glob and list need it: reinstall ion, or install ripgrep.",
    "git": "Commands in repositories need it: install git.",
}


def programs(patient: Patient) -> Check:
    """Which of them are here, and their versions."""
    with ThreadPoolExecutor(len(_NEEDED)) as pool:
        found = dict(
            zip(_NEEDED, pool.map(lambda n: _version(n, patient.env), _NEEDED), strict=True)
        )
    own = f"ion {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    here = [f"{name} {version}".strip() for name, version in found.items() if version is not None]
    missing = [name for name, version in found.items() if version is None]
    detail = f"{', '.join([own, *here])} on {_system()}."
    status: Status = "ok"
    if missing:
        detail += f" Missing: {', '.join(missing)}."
        status = "warn" if missing == ["git"] else "fail"
    return Check(
        name="programs",
        status=status,
        detail=detail,
        fix=" ".join(_NEEDED[name] for name in missing),
    )


def _version(name: str, env: Mapping[str, str]) -> str | None:
    """What a program says of itself, empty when it says nothing; None when it is not there."""
    beside = str(Path(sys.executable).parent) if name == "rg" else ""
    path = ":".join(filter(None, (beside, env.get("PATH", ""))))
    program = shutil.which(name, path=path)
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_WITHIN_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    number = re.search(rb"\d+(?:\.\d+)+", done.stdout)
    return number[0].decode() if number else ""


def _system() -> str:
    return f"{platform.system()} {platform.release()}"
