"""``ion sessions import`` of what another agent wrote."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from ion_core.config.paths import ion_home
from ion_core.errors import ConfigError
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.intake import Taken
from ion_core.sessions.importers.recognised import FORMATS, recognised
from ion_core.sessions.importers.take_in import take_in
from ion_core.sessions.sqlite import SqliteStore

_SHOWN = 20


async def take_foreign(store: SqliteStore, options: argparse.Namespace) -> None:
    """Import the file. Raises ``ConfigError`` for one of no known format, and ``StoreError``."""
    importer = recognised(options.file)
    if importer is None:
        known = ", ".join(each.name for each in FORMATS)
        raise ConfigError(f"{options.file} is no export of ion and none of {known}.")
    taken = await take_in(store, Blobs(ion_home() / "blobs"), options.file, importer, Path.cwd())
    if options.json:
        print(json.dumps({"format": importer.name, **_told(taken)}))
    else:
        print(_sentences(options.file, importer.name, taken))


def _told(taken: Taken) -> dict[str, object]:
    return {
        "session": taken.sessions[-1],
        "sessions": taken.sessions,
        "entries": taken.entries,
        "skipped": taken.skipped,
        "bad": [{"line": bad.line, "reason": bad.reason} for bad in taken.bad],
        "left_out": taken.left_out,
    }


def _sentences(file: Path, name: str, taken: Taken) -> str:
    sessions = "\n".join(f"Session {session}" for session in taken.sessions)
    lines = [sessions, f"{taken.entries} entries added from {name}."]
    lines += [f"Left out: {number} × {what}" for what, number in taken.left_out.items()]
    lines += [f"{file}:{bad.line}: {bad.reason}" for bad in taken.bad[:_SHOWN]]
    if taken.skipped > _SHOWN:
        lines.append(f"… and {taken.skipped - _SHOWN} more lines.")
    return "\n".join(lines)
