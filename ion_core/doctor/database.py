"""The session database: whether it is whole, of this version, and on a disk that suits it.

It is opened for reading alone, so that one that is damaged or too new stays as it is.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import quote

from ion_core.doctor.base import Check, Patient, Status, worst
from ion_core.errors import StoreError
from ion_core.sessions.schema import APPLICATION_ID, VERSION, require_sqlite

WITHIN_S = 0.8
"""Seconds after which looking through a large database is left off."""
LARGE_LOG_BYTES = 256 << 20
MEND = "End every ion, then: ion sessions repair. It saves what can be read and deletes nothing."

_REMOTE: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "lustre", "glusterfs", "drvfs"}
    | {"fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.rclone", "fuse.davfs", "davfs"}
)
"""File systems that a WAL must not be on: https://www.sqlite.org/wal.html, section 1."""

Finding: TypeAlias = tuple[Status, str, str]
"""How it is, that in a sentence, and what helps."""


def database(patient: Patient) -> Check:
    """The database of the sessions."""
    file = patient.home / "sessions.db"
    try:
        require_sqlite()
    except StoreError as error:
        return _check(("fail", str(error), "Use a newer Python."))
    if not file.exists():
        return _check(("ok", "There is none yet; the first session makes it.", ""), _place(file))
    try:
        with _opened(file) as db:
            return _check(_found(db, file), _place(file))
    except (sqlite3.Error, OSError) as error:
        return _check(("fail", f"{file} cannot be read: {error}.", MEND))


def _found(db: sqlite3.Connection, file: Path) -> Finding:
    """How the file is, in a sentence, and what helps."""
    version = _number(db, "PRAGMA user_version")
    if version and _number(db, "PRAGMA application_id") != APPLICATION_ID:
        fix = "Move it elsewhere, or set ION_HOME to another folder."
        return "fail", f"{file} belongs to another program.", fix
    if version > VERSION:
        said = f"{file} is of version {version}, written by a newer ion; this one knows {VERSION}."
        return "fail", said, "Upgrade ion."
    complaints = _looked_through(db)
    if complaints:
        return "fail", f"{file} is damaged: {complaints[0]}.", MEND
    looked = "whole" if complaints is not None else f"whole as far as {WITHIN_S:g} s allow to see"
    mode = db.execute("PRAGMA journal_mode").fetchone()[0]
    log = _size(file.with_name(f"{file.name}-wal"))
    facts = f"version {version}, {_said(_size(file))}, {mode}"
    if log > LARGE_LOG_BYTES:
        fix = "End every ion and start one: it is written back."
        return "warn", f"It is {looked} ({facts}), with a log of {_said(log)}.", fix
    return "ok", f"It is {looked} ({facts}).", ""


def _looked_through(db: sqlite3.Connection) -> list[str] | None:
    """What is wrong; None when there was no time to see all of it."""
    end = time.monotonic() + WITHIN_S
    db.set_progress_handler(lambda: time.monotonic() > end, 20_000)
    try:
        said = [str(row[0]) for row in db.execute("PRAGMA quick_check(3)")]
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return None
        raise
    return [] if said == ["ok"] else said


def _place(file: Path) -> Finding:
    """Whether its disk suits it."""
    kind = file_system(file.parent)
    if kind not in _REMOTE:
        return "ok", "", ""
    said = f"It is on a network file system ({kind}), where several ions can damage it."
    return "warn", said, "Set ION_HOME to a folder on a disk of this machine."


def file_system(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> str:
    """The kind of file system that a folder is on; empty where that is not known (proc(5))."""
    try:
        lines = mounts.read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    best, kind = -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        point = before.split(" ")[4].replace("\\040", " ") if after else ""
        if point and folder.is_relative_to(point) and len(point) >= best:
            best, kind = len(point), after.split(" ")[0]
    return kind


@contextmanager
def _opened(file: Path) -> Iterator[sqlite3.Connection]:
    db = sqlite3.connect(f"file:{quote(str(file))}?mode=ro", uri=True, timeout=WITHIN_S)
    try:
        yield db
    finally:
        db.close()


def _number(db: sqlite3.Connection, pragma: str) -> int:
    return int(db.execute(pragma).fetchone()[0])


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _said(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _check(*findings: Finding) -> Check:
    return Check(
        name="database",
        status=worst(*(finding[0] for finding in findings)),
        detail=" ".join(filter(None, (finding[1] for finding in findings))),
        fix=" ".join(filter(None, (finding[2] for finding in findings))),
    )
