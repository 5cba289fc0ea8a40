"""Two small tasks as they should go: a small model follows what it sees more than what it is told.

They stand before every conversation, always the same, so that a local server reads them once.
"""

from __future__ import annotations

from ion_core.ids import CallId
from ion_core.messages import Message, Text, ToolCall, ToolResult, user
from ion_core.providers.conversation import conversation


def _step(number: int, name: str, arguments: dict[str, object], content: str) -> list[Message]:
    call = ToolCall(id=CallId(f"example_{number}"), name=name, arguments=arguments)
    result = ToolResult(call=call.id, name=name, status="ok", content=content)
    return [
        Message(role="assistant", parts=(call,)),
        Message(role="tool", parts=(result,)),
    ]


def _answer(text: str) -> Message:
    return Message(role="assistant", parts=(Text(text=text),))


_FIX = {"old_string": "sum(prices) - 1", "new_string": "sum(prices)"}

EXAMPLE: tuple[Message, ...] = conversation(
    [
        user("Fix the bug in total.py"),
        *_step(1, "read", {"path": "total.py"}, "def total(prices):\n    return sum(prices) - 1"),
        *_step(2, "edit", {"path": "total.py", "edits": [_FIX]}, "Edited total.py."),
        _answer("total.py subtracted 1."),
        user("Write the number of words of notes.txt to n.txt"),
        *_step(3, "bash", {"command": "wc -w < notes.txt > n.txt && cat n.txt"}, "12"),
        _answer("n.txt says 12."),
    ]
).messages
"""Ends with an answer, so that a task follows."""
