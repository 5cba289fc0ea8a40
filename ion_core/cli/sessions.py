"""``ion sessions``: the store from the command line."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from ion_core.cli import (
    session_export,
    session_gc,
    session_import,
    session_marks,
    session_repair,
    session_rewind,
    session_search,
    session_tree,
)
from ion_core.cli.saying import print_json, print_safely, say
from ion_core.config.paths import ion_home
from ion_core.entries import Body, BranchSummary, Entry, ModeChange, ModelChange, SystemEvent
from ion_core.ids import SessionId
from ion_core.known_secrets import hidden, known_secrets
from ion_core.messages import Message
from ion_core.providers.redaction import without
from ion_core.sessions.base import Change, SessionInfo
from ion_core.sessions.project import project_id
from ion_core.sessions.sqlite import SqliteStore
from ion_core.sessions.vault import Vault

_MODULES = (
    session_export,
    session_gc,
    session_import,
    session_marks,
    session_repair,
    session_rewind,
    session_search,
    session_tree,
)


def configure(parser: argparse.ArgumentParser) -> None:
    """The subcommands."""
    actions = parser.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="this project's sessions, newest first")
    listing.add_argument("--all", action="store_true", help="of every project")
    listing.add_argument("--archived", action="store_true", help="those that left the list")
    listing.add_argument("--tag", default="", help="only those with this tag")
    listing.add_argument("--limit", type=int, default=0, metavar="N")
    for name, text in (("show", "one session, from its root to its head"), ("delete", "put away")):
        action = actions.add_parser(name, help=text)
        action.add_argument("id")
    rename = actions.add_parser("rename", help="give a session a title")
    rename.add_argument("id")
    rename.add_argument("title", nargs="+")
    restore = actions.add_parser("restore", help="bring a deleted session back")
    restore.add_argument("id")
    for module in _MODULES:
        module.configure(actions)
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Do what was asked; the exit code."""
    verbs: dict[str, Callable[[SqliteStore, argparse.Namespace], Awaitable[None]]] = {
        "list": _list,
        "show": _show,
        "rename": _rename,
        "delete": _delete,
        "restore": _restore,
    }
    if options.action == "repair":
        return session_repair.repair(options)
    asyncio.run(_with_store(getattr(options, "verb", None) or verbs[options.action], options))
    return 0


async def _with_store(
    verb: Callable[[SqliteStore, argparse.Namespace], Awaitable[None]], options: argparse.Namespace
) -> None:
    vault = Vault(ion_home() / "sessions.db", time.time)
    store = await vault.open()
    try:
        await vault.whole(store, lambda: verb(store, options))
    finally:
        for news in vault.news:
            print(f"ion: {news}", file=sys.stderr)
        await store.aclose()


async def _list(store: SqliteStore, options: argparse.Namespace) -> None:
    project = None if options.all else project_id(Path.cwd())
    infos = await store.sessions(project=project, archived=options.archived)
    wanted = options.tag.removeprefix("#")
    infos = [info for info in infos if not wanted or wanted in info.tags]
    infos = sorted(infos, key=lambda info: not info.pinned)[: options.limit or None]
    if options.json:
        print_json([summary(info) for info in infos])
    elif not infos:
        print("No sessions here yet." if not options.all else "No sessions yet.", file=sys.stderr)
    else:
        print_safely(_table(infos))


async def _show(store: SqliteStore, options: argparse.Namespace) -> None:
    info = await store.info(SessionId(options.id))
    entries = await store.path(info.id)
    secrets = known_secrets(ion_home(), Path.cwd())
    rows = [hidden(described(entry), secrets) for entry in entries]
    if options.json:
        print_json({**hidden(summary(info), secrets), "entries": rows})
        return
    print(f"{without(info.title, secrets) or '(no title)'}  {info.id}")
    for row in rows:
        print(f"\n[{row['id']}] {row['role'] or row['kind']}\n{row['text']}")


async def _rename(store: SqliteStore, options: argparse.Namespace) -> None:
    info = await store.info(SessionId(options.id))
    title = " ".join(options.title)
    await store.commit(info.id, Change(title=title, title_source="user"))
    say(options, info, f"Renamed to {title!r}.", title=title)


async def _delete(store: SqliteStore, options: argparse.Namespace) -> None:
    info = await store.info(SessionId(options.id))
    await store.commit(info.id, Change(deleted=True))
    say(options, info, f"Deleted. Bring it back: ion sessions restore {info.id}", deleted=True)


async def _restore(store: SqliteStore, options: argparse.Namespace) -> None:
    info = await store.info(SessionId(options.id))
    await store.commit(info.id, Change(deleted=False))
    say(options, info, "Restored.", deleted=False)


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


def described(entry: Entry) -> dict[str, Any]:
    """An entry as the JSON of ``ion sessions show`` has it."""
    body = entry.body
    row: dict[str, Any] = {
        "id": entry.id,
        "parent": entry.parent,
        "at": entry.at,
        "kind": type(body).__struct_config__.tag,
        "role": body.role if isinstance(body, Message) else None,
        "text": _text(body),
    }
    if isinstance(body, Message) and body.calls:
        row["tool_calls"] = [msgspec.to_builtins(call) for call in body.calls]
    if isinstance(body, Message) and body.results:
        result = body.results[0]
        row["tool_result"] = {"call": result.call, "name": result.name, "status": result.status}
    return row


def _text(body: Body) -> str:
    match body:
        case Message():
            return body.text or "\n".join(result.content for result in body.results)
        case ModelChange(model=model):
            return model
        case ModeChange(mode=mode):
            return mode
        case SystemEvent(text=text) | BranchSummary(text=text):
            return text


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
