"""``ion sessions export``: a session as a file, for a machine, a reader or a browser."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ion_core import streams
from ion_core.config.paths import ion_home
from ion_core.errors import ConfigError
from ion_core.exporting import ENDINGS, Export, cleaner, exported
from ion_core.ids import EntryId, SessionId
from ion_core.sessions.moving.cut import Cut
from ion_core.sessions.moving.outlet import Outlet
from ion_core.sessions.moving.reading import Departure
from ion_core.sessions.sqlite import SqliteStore


async def export(store: SqliteStore, options: argparse.Namespace) -> None:
    """Write what was asked for. Raises ``SessionNotFound``, ``ConfigError`` and ``OSError``."""
    info = await store.info(SessionId(options.id))
    departure = Departure(store, info.id, _cut(options))
    if options.output is None:
        made = _made(departure, options, None)
        async for chunk in made.chunks():
            streams.put(chunk)
    else:
        _check(options.output)
        with Outlet(options.output, force=options.force) as outlet:
            made = _made(departure, options, outlet)
            async for chunk in made.chunks():
                outlet.write(chunk)
    _report(options, info.id, made)


def _made(departure: Departure, options: argparse.Namespace, outlet: Outlet | None) -> Export:
    clean = cleaner(ion_home(), Path.cwd()) if options.redact else None
    return exported(departure, _format(options), ion_home(), outlet=outlet, clean=clean)


def _format(options: argparse.Namespace) -> str:
    ending = options.output.suffix.lower() if options.output else ""
    return str(options.format or ENDINGS.get(ending, "jsonl"))


def _cut(options: argparse.Namespace) -> Cut | None:
    """One path where one was asked for, the active branch unless another was named."""
    if options.from_ and _format(options) == "jsonl":
        raise ConfigError(
            "A JSONL export is for import and begins at the beginning. "
            "--from goes with --format md and html."
        )
    if not (options.branch or options.from_ or options.to_):
        return None
    first, last = (EntryId(name) if name else None for name in (options.from_, options.to_))
    return Cut(branch=options.branch, first=first, last=last)


def _check(output: Path) -> None:
    if not output.parent.is_dir():
        raise ConfigError(f"{output.parent} is not a folder. Make it, or name another file.")
    if output.is_dir():
        raise ConfigError(f"{output} is a folder. Name a file in it.")


def _report(options: argparse.Namespace, session: str, made: Export) -> None:
    """What became of it: on standard error where standard output is the export itself."""
    where = sys.stderr if options.output is None else sys.stdout
    missing = len(made.missing)
    if options.json:
        told = {"session": session, "file": options.output and str(options.output)}
        print(json.dumps({**told, "entries": made.entries, "missing": missing}), file=where)
        return
    if options.output is not None:
        print(f"{options.output}: {made.entries} entries.")
    if missing:
        print(f"{missing} pictures are gone and not in it.", file=sys.stderr)
