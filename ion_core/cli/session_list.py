"""``ion sessions list``: which sessions there are, newest first."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ion_core.cli.saying import print_json, print_safely
from ion_core.sessions.base import SessionInfo
from ion_core.sessions.project import project_id
from ion_core.sessions.sqlite import SqliteStore


async def run(store: SqliteStore, options: argparse.Namespace) -> None:
    """Print those that were asked for, what is pinned first."""
    project = None if options.all else project_id(Path.cwd())
    infos = await store.sessions(
        project=project, archived=options.archived, deleted=options.deleted
    )
    wanted = options.tag.removeprefix("#")
    infos = [info for info in infos if not wanted or wanted in info.tags]
    infos = sorted(infos, key=lambda info: not info.pinned)[: options.limit or None]
    if options.json:
        print_json([summary(info) for info in infos])
    elif not infos:
        print("No sessions here yet." if not options.all else "No sessions yet.", file=sys.stderr)
    else:
        print_safely(_table(infos))


def summary(info: SessionInfo) -> dict[str, Any]:
    """A session as the JSON of ``ion sessions`` has it."""
    return {
        "session": info.id,
        "title": info.title,
        "cwd": info.cwd,
        "project": info.project,
        "model": info.model,
        "mode": info.mode,
        "head": info.head,
        "created_at": info.created_at,
        "updated_at": info.updated_at,
        "turns": info.turns,
        "usage": msgspec.to_builtins(info.usage),
        "cost_usd": info.cost_nano / 1e9 if info.cost_known else None,
        "deleted": info.deleted_at is not None,
        "archived": info.archived,
        "pinned": info.pinned,
        "tags": info.tags,
        "description": info.description,
        "branch": info.branch,
        "branches": info.branches,
        "kind": info.kind,
        "parent": info.parent,
        "parent_entry": info.parent_entry,
    }


def _table(infos: Sequence[SessionInfo]) -> str:
    return "\n".join(map(_row, infos))


def _row(info: SessionInfo) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(info.updated_at))
    cost = f"${info.cost_nano / 1e9:.2f}" if info.cost_known else "?"
    marks = ["★"] if info.pinned else []
    marks += [info.kind] if info.kind != "main" else []
    marks += [f"#{tag}" for tag in info.tags]
    marks += [f"{info.branches} branches"] if info.branches > 1 else []
    title = info.title or info.preview[:60] or "(empty)"
    told = f"{info.id}  {when}  {info.turns:>4} turns  {cost:>7}  {title}"
    return "  ".join((told, *marks))
