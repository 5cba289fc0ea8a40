"""The todo list that holds at the end of a path, also where another agent wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ion_core.entries import Entry
from ion_core.messages import Message
from ion_core.todo import MARKS, TodoItem, todo_of

_NAMES = frozenset({"todo", "todowrite", "todo_write", "update_plan", "write_todos"})


def steps_of(entries: Sequence[Entry]) -> tuple[TodoItem, ...]:
    """Ion's own list; else the newest that a call of such a name gave."""
    if own := todo_of(entries):
        return own
    for entry in reversed(entries):
        body = entry.body
        for call in reversed(body.calls) if isinstance(body, Message) else ():
            if call.name.lower() in _NAMES:
                return tuple(_items(call.arguments))
    return ()


def _items(arguments: dict[str, Any]) -> list[TodoItem]:
    listed = next((value for value in arguments.values() if isinstance(value, list)), [])
    found = []
    for item in listed:
        if isinstance(item, dict):
            words = next((item[key] for key in ("text", "content", "step") if item.get(key)), "")
            known = [status for status in MARKS if status == item.get("status")]
            status = known[0] if known else "pending"
            found.append(TodoItem(text=" ".join(str(words).split()), status=status))
    return found
