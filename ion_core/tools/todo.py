"""The ``todo`` tool: the list of what a model means to do, written anew with each call.

Nothing is kept beside the call itself: the list of a session is what its newest call says, so that
it moves with branches and survives reopening like everything else.
"""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec import Struct

from ion_core.messages import Display
from ion_core.todo import TodoStatus, written
from ion_core.tools.base import Effect, Outcome, ToolContext, failed

_MOST_ITEMS = 50


class Item(Struct, frozen=True):
    """One thing to do."""

    content: str
    status: TodoStatus = "pending"


class TodoArgs(Struct, frozen=True):
    """The whole list."""

    example: ClassVar[dict[str, Any]] = {
        "items": [{"content": "Write the test", "status": "in_progress"}]
    }

    items: list[Item]


class Todo:
    """Shows the list to the person."""

    name = "todo"
    description = (
        "Show the person your plan when a task has several steps. Send the whole list each time, "
        "with one item in_progress."
    )
    args: type[Struct] = TodoArgs
    effect: Effect = "read"

    def target(self, args: TodoArgs) -> str:
        current = [item.content for item in args.items if item.status == "in_progress"]
        return current[0] if current else f"{len(args.items)} item{'s' * (len(args.items) != 1)}"

    def timeout_s(self, args: TodoArgs) -> float:
        return 5.0

    async def run(self, args: TodoArgs, ctx: ToolContext) -> Outcome:
        if len(args.items) > _MOST_ITEMS:
            return failed(f"A list has at most {_MOST_ITEMS} items. Put small ones together.")
        done = sum(item.status == "completed" for item in args.items)
        shown = written((item.content, item.status) for item in args.items)
        summary = f"{done} of {len(args.items)} done"
        return Outcome(
            content=f"The list is shown: {summary}.{_note(args.items)}",
            display=Display(target=self.target(args), summary=summary, output=shown),
        )


def _note(items: list[Item]) -> str:
    current = sum(item.status == "in_progress" for item in items)
    return f" Note: {current} items are in_progress; work on one at a time." * (current > 1)
