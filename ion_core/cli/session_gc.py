"""``ion sessions gc``: what is kept, what is archived, and what is cleared away."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ion_core.cli.columns import aligned
from ion_core.config.load import load
from ion_core.config.paths import ion_home
from ion_core.known_secrets import hidden, known_secrets
from ion_core.sessions.retention import Named
from ion_core.sessions.sqlite import SqliteStore
from ion_core.sessions.upkeep import Report, Upkeep


async def run(store: SqliteStore, options: argparse.Namespace) -> None:
    """Do it, or say what would be done."""
    home = ion_home()
    rules = load(Path.cwd()).settings.sessions
    upkeep = Upkeep(store, home, rules, time.time)
    report = await upkeep.plan()
    if not options.dry_run:
        from ion_core.cli.listing import extensions_here  # few folders have hooks for it

        await extensions_here().occurs("Setup", "maintenance", trigger="maintenance")
        report = await upkeep.carry_out(report, shrink=True)
    secrets = known_secrets(home, Path.cwd())
    if options.json:
        found = {"dry_run": options.dry_run, **_facts(report)}
        shown = hidden(found, secrets)
        print(msgspec.json.format(msgspec.json.encode(shown), indent=2).decode())
    else:
        print(hidden(_prose(report, planned=options.dry_run), secrets))


def _facts(report: Report) -> dict[str, Any]:
    return {
        "archived": _named(report.due.archive),
        "trashed": _named(report.due.trash),
        "deleted": _named(report.due.purge),
        "files_as_they_were": len(report.unkept.digests),
        "files": [str(each.path) for each in report.files],
        "freed_bytes": report.freed_bytes,
        "size_bytes": report.size_bytes,
        "limit_bytes": report.limit_bytes,
        "largest": _named(report.largest),
    }


def _named(sessions: Sequence[Named]) -> list[dict[str, Any]]:
    return [
        {"session": each.id, "title": each.title, "bytes": each.size_bytes} for each in sessions
    ]


def _prose(report: Report, *, planned: bool) -> str:
    due = report.due
    lines = [
        *_listed("Would be archived" if planned else "Archived", due.archive),
        *_listed("Would go to the trash" if planned else "Put into the trash", due.trash),
        *_listed("Would be deleted for good" if planned else "Deleted for good", due.purge),
    ]
    if unkept := len(report.unkept.digests):
        verb = "would be kept" if planned else "are kept"
        lines.append(
            f"Files as they were before a change, of which no more than the newest {verb} "
            f"(sessions.checkpoints_mb): {unkept} cannot be gone back to."
        )
    if report.files:
        verb = "would be removed" if planned else "removed"
        lines.append(f"Files that nothing needs any more, {verb}: {len(report.files)}")
    if not lines:
        lines.append("Nothing is due.")
    freed = "would be freed" if planned else "freed"
    lines.append(f"{_size(report.freed_bytes)} {freed}; the store has {_size(report.size_bytes)}.")
    if report.limit_bytes and report.size_bytes > report.limit_bytes:
        lines.append(
            f"That is more than the {_size(report.limit_bytes)} of sessions.max_size_mb. The "
            "largest sessions (ion sessions delete ID, then gc):"
        )
        lines.append(_table(report.largest))
    return "\n".join(lines)


def _listed(what: str, sessions: Sequence[Named]) -> list[str]:
    return [f"{what}: {len(sessions)}", _table(sessions)] if sessions else []


def _table(sessions: Sequence[Named]) -> str:
    rows = [(f"  {each.id}", _size(each.size_bytes), each.title) for each in sessions]
    return aligned(("  session", "size", "title"), rows, left=(0, 2))


def _size(size_bytes: int) -> str:
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.0f} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"
