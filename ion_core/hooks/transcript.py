"""A conversation as the file that hooks written for Claude Code look for: one message a line.

It is written anew for each occasion, from what the session holds; nothing of ion's reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ion_core import private
from ion_core.entries import Entry
from ion_core.hooks.names import CLAUDE
from ion_core.messages import Message, Text, ToolCall, ToolResult


def write(path: Path, session: str, cwd: str, entries: Sequence[Entry]) -> None:
    """Write the file (0600). Blocking. One that cannot be written is left out."""
    try:
        with private.file(path) as file:
            for line in _lines(session, cwd, entries):
                file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    except OSError:
        return


def _lines(session: str, cwd: str, entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    before: str | None = None
    for entry in entries:
        if not isinstance(entry.body, Message):
            continue
        kind = "assistant" if entry.body.role == "assistant" else "user"
        yield {
            "type": kind,
            "uuid": str(entry.id),
            "parentUuid": before,
            "sessionId": session,
            "cwd": cwd,
            "timestamp": datetime.fromtimestamp(entry.at, UTC).isoformat(),
            "message": {"role": kind, "content": list(_content(entry.body))},
        }
        before = str(entry.id)


def _content(message: Message) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        match part:
            case Text(text=text):
                yield {"type": "text", "text": text}
            case ToolCall(id=id_, name=name, arguments=arguments):
                named = CLAUDE.get(name, name)
                yield {"type": "tool_use", "id": id_, "name": named, "input": arguments}
            case ToolResult(call=call, content=content, status=status):
                yield {
                    "type": "tool_result",
                    "tool_use_id": call,
                    "content": content,
                    "is_error": status != "ok",
                }
