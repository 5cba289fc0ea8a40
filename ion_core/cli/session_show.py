"""``ion sessions show``: one session, from its root to its head."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import msgspec

from ion_core.cli.saying import print_json
from ion_core.cli.session_list import summary
from ion_core.config.paths import ion_home
from ion_core.entries import (
    Body,
    BranchSummary,
    Compaction,
    Entry,
    HookContext,
    ModeChange,
    ModelChange,
    Pin,
    SystemEvent,
)
from ion_core.ids import SessionId
from ion_core.known_secrets import hidden, known_secrets
from ion_core.messages import Message
from ion_core.providers.redaction import without
from ion_core.remarks import remark
from ion_core.sessions.sqlite import SqliteStore


async def run(store: SqliteStore, options: argparse.Namespace) -> None:
    """Print the entries from the root to the head."""
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
        case SystemEvent(text=text) | BranchSummary(text=text) | Pin(text=text):
            return text
        case HookContext(text=text):
            return text
        case Compaction(summary=summary):
            return summary
        case _:
            return remark(body)
