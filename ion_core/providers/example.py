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


def _replaced(path: str, old: str, new: str) -> dict[str, object]:
    return {"path": path, "edits": [{"old_string": old, "new_string": new}]}


_ODD = "for number in range(1, 9, 2):\n    print(number)\n"

EXAMPLE: tuple[Message, ...] = conversation(
    [
        user("check.py fails. Fix the bug in total.py."),
        *_step(1, "read", {"path": "total.py"}, "def total(prices):\n    return sum(prices) - 1"),
        *_step(2, "edit", _replaced("total.py", "sum(prices) - 1", "sum(prices)"), "Edited."),
        *_step(3, "bash", {"command": "python3 check.py"}, "all good"),
        _answer("total.py subtracted 1. Now check.py passes."),
        user("Create odd.py that prints the first three odd numbers and run it"),
        *_step(4, "write", {"path": "odd.py", "content": _ODD}, "Created odd.py (2 lines)."),
        *_step(5, "bash", {"command": "python3 odd.py"}, "1\n3\n5\n7"),
        *_step(6, "edit", _replaced("odd.py", "9, 2", "7, 2"), "Edited: four were one too many."),
        *_step(7, "bash", {"command": "python3 odd.py"}, "1\n3\n5"),
        _answer("odd.py prints 1, 3, 5."),
        user("Write the number of words of notes.txt to words.txt"),
        *_step(8, "bash", {"command": "wc -w < notes.txt > words.txt && cat words.txt"}, "12"),
        _answer("words.txt now says 12."),
    ]
).messages
"""Ends with an answer, so that a task follows."""
