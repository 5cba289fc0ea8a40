"""A model's list of steps: how it is written for people, and read back from a path.

The list is kept nowhere but in the results of ``todo`` calls, so that it moves with branches and
survives reopening. The newest call that succeeded is the list.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct

from ion_core.entries import Entry
from ion_core.messages import Message, ToolResult

TodoStatus: TypeAlias = Literal["pending", "in_progress", "completed", "cancelled"]

MARKS: dict[TodoStatus, str] = {
    "pending": "☐",
    "in_progress": "▸",
    "completed": "☑",
    "cancelled": "☒",
}
_STATUS = {mark: status for status, mark in MARKS.items()}


class TodoItem(Struct, frozen=True, kw_only=True):
    """One step, on one line."""

    text: str
    status: TodoStatus


def written(items: Iterable[tuple[str, TodoStatus]]) -> str:
    """The list as people see it in a result: a mark and a text a line."""
    return "\n".join(f"{MARKS[status]} {' '.join(text.split())}" for text, status in items)


def todo_of(entries: Sequence[Entry]) -> tuple[TodoItem, ...]:
    """The list that holds at the end of a path, empty where there is none. It reads backwards and
    stops at the newest list."""
    for entry in reversed(entries):
        if (result := lists(entry)) and result.display is not None:
            return _read(result.display.output)
    return ()


def lists(entry: Entry) -> ToolResult | None:
    """The result of a ``todo`` call that succeeded, where the entry has one: the last."""
    results = entry.body.results if isinstance(entry.body, Message) else ()
    told = (result for result in reversed(results) if result.name == "todo")
    return next((result for result in told if result.status == "ok"), None)


def _read(text: str) -> tuple[TodoItem, ...]:
    rows = (line.partition(" ") for line in text.splitlines())
    return tuple(
        TodoItem(text=said, status=_STATUS[mark]) for mark, _, said in rows if mark in _STATUS
    )
