"""``ion sessions import``: a session from a file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ion_core.config.paths import ion_home
from ion_core.errors import ConfigError
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.moving.arrival import Arrived, recognised, take_in
from ion_core.sessions.sqlite import SqliteStore

_BEGIN = 64 * 1024
"""Bytes by which a format is recognised."""
_SHOWN = 20


async def take(store: SqliteStore, options: argparse.Namespace) -> None:
    """Import the file. Raises ``ConfigError`` for one of no known format, ``StoreError``."""
    if not recognised(_begin(options.file)):
        from ion_core.cli.session_foreign import take_foreign

        await take_foreign(store, options)
        return
    arrived = await take_in(store, Blobs(ion_home() / "blobs"), options.file, Path.cwd())
    if options.json:
        print(json.dumps(_told(arrived)))
    else:
        print(_sentences(options.file, arrived))


def _begin(file: Path) -> bytes:
    try:
        with file.open("rb") as data:
            return data.read(_BEGIN)
    except OSError as error:
        raise ConfigError(f"{file} cannot be read: {error.strerror}.") from error


def _told(arrived: Arrived) -> dict[str, object]:
    return {
        "session": arrived.session,
        "entries": arrived.entries,
        "skipped": arrived.skipped,
        "bad": [{"line": bad.line, "reason": bad.reason} for bad in arrived.bad],
        "absent": arrived.absent,
    }


def _sentences(file: Path, arrived: Arrived) -> str:
    lines = [f"Session {arrived.session}: {arrived.entries} entries added."]
    lines += [f"{file}:{bad.line}: {bad.reason}" for bad in arrived.bad[:_SHOWN]]
    if arrived.skipped > _SHOWN:
        lines.append(f"… and {arrived.skipped - _SHOWN} more lines.")
    if arrived.absent:
        lines.append(f"The file was cut off: {arrived.absent} of its entries are not in it.")
    return "\n".join(lines)
