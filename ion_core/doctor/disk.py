"""ion's own folder: room on its disk, and whether others can read what is in it."""

from __future__ import annotations

import os
import shlex
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from ion_core.doctor.base import Check, Patient

LEAST_BYTES, LITTLE_BYTES = 50 << 20, 1 << 30
_PRIVATE = (
    "auth.json",
    "config.toml",
    "sessions.db",
    "sessions.db-wal",
    "sessions.db-shm",
    "trust.json",
    "blobs",
    "cache",
    "logs",
)


def disk(patient: Patient) -> Check:
    """Whether ion's folder can be written, and how much fits."""
    folder = next(each for each in (patient.home, *patient.home.parents) if each.exists())
    free = shutil.disk_usage(folder).free
    said = f"{patient.home}: {free / 1e9:,.1f} GB free."
    if not os.access(folder, os.W_OK | os.X_OK) or not folder.is_dir():
        why = f"{folder} cannot be written, so that nothing is kept."
        return Check(name="disk", status="fail", detail=why, fix="Set ION_HOME to your own folder.")
    if free < LITTLE_BYTES:
        return Check(
            name="disk",
            status="fail" if free < LEAST_BYTES else "warn",
            detail=said,
            fix="Make room, or set ION_HOME to another disk.",
        )
    return Check(name="disk", status="ok", detail=said)


def privacy(patient: Patient) -> Check:
    """Whether ion's folder is its owner's alone. A folder that is closed closes what is in it."""
    home = patient.home
    if not home.exists():
        return Check(name="privacy", status="ok", detail=f"{home} is not there yet.")
    if home.stat().st_uid != os.geteuid():
        said, fix = f"{home} belongs to another user.", f"sudo chown -R $USER {_quoted(home)}"
        return Check(name="privacy", status="fail", detail=said, fix=fix)
    open_ones = list(_open(home))
    if not home.stat().st_mode & 0o077:
        said = f"{home} is yours alone ({_mode(home)})."
        return Check(name="privacy", status="ok", detail=said)
    said = f"{home} can be looked into by others ({_mode(home)})"
    said += f", also {', '.join(_told(file) for file in open_ones)}." if open_ones else "."
    exposed = home.stat().st_mode & 0o011 and any(_keeps_keys(f, patient) for f in open_ones)
    return Check(
        name="privacy",
        status="fail" if exposed else "warn",
        detail=said,
        fix=f"chmod -R go= {_quoted(home)}",
    )


def _open(home: Path) -> Iterator[Path]:
    """What is private and can be read by others, were it not for the folder."""
    for name in _PRIVATE:
        file = home / name
        if file.exists() and not file.is_symlink() and file.stat().st_mode & 0o044:
            yield file


def _keeps_keys(file: Path, patient: Patient) -> bool:
    named = any(provider.api_key for provider in patient.settings.providers.values())
    return file.name == "auth.json" or (file.name == "config.toml" and named)


def _mode(file: Path) -> str:
    return f"{stat.S_IMODE(file.stat().st_mode):04o}"


def _told(file: Path) -> str:
    return f"{file.name} ({_mode(file)})"


def _quoted(file: Path) -> str:
    return shlex.quote(str(file))
