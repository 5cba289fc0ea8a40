"""A turn that writes a todo list, for the tests of the screen."""

from __future__ import annotations

from typing import Any

from ion_core.ids import CallId
from ion_core.messages import Display, ToolCall
from ion_core.todo import TodoStatus, written
from tests.fakes.stage_session import StageSession

STEPS: tuple[tuple[str, TodoStatus], ...] = (
    ("Read the parser and find out where it loses the last line of a file", "completed"),
    ("Write the test", "in_progress"),
    ("Make the parser stream", "pending"),
    ("Keep the old interface", "cancelled"),
)


async def plan(
    session: StageSession,
    steps: tuple[tuple[str, TodoStatus], ...] = STEPS,
    *,
    ok: bool = True,
) -> None:
    """A call of ``todo`` and its result."""
    if not session.busy:
        await session.submit("Make the parser stream")
    items: list[dict[str, Any]] = [{"content": text, "status": status} for text, status in steps]
    call = ToolCall(
        id=CallId(f"t{len(session.view.entries)}"), name="todo", arguments={"items": items}
    )
    await session.answer(call)
    await session.begin(call, "")
    done = sum(status == "completed" for _, status in steps)
    shown = Display(
        target="", summary=f"{done} of {len(steps)} done", output=written(steps), duration_ms=1
    )
    await session.settle(call, "", shown, ok=ok)
