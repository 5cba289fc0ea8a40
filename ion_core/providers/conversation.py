"""A session's history as a small model reads it: a task, one action a turn, one result each.

Every message depends on those before it alone, never on what comes later: a text that was sent
once is sent the same way for ever, so that a local server keeps what it computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ion_core.messages import Message, Role, Text, ToolCall, ToolResult
from ion_core.providers.actions import ANSWER, as_fields
from ion_core.providers.changes import Changes

RESULT_LIMIT = 2_400
"""Characters of a result that are shown: its beginning and its end."""
TASK_LIMIT = 400
"""Characters of the task that are repeated after each result."""
_AGAIN = "You know this already. Now do the next part of the task, or answer if all is done."
_NUMBERED = re.compile(r"^ *\d+(?:\t|  |│ ?|: )", re.MULTILINE)


class Repetitions(Struct, frozen=True, kw_only=True):
    """How often calls of the running task repeated earlier ones with the same result; ``last`` is
    the tool of the newest call when that one did."""

    count: int = 0
    last: str = ""


class Exchange(Struct, frozen=True, kw_only=True):
    """A call and its result; ``again`` when both were there before in this task."""

    task: str
    call: ToolCall
    result: ToolResult
    again: bool


def conversation(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Messages of plain text, user and assistant in turn."""
    joined: list[Message] = []
    for message in _plain(messages):
        if joined and joined[-1].role == message.role:
            joined[-1] = _said(message.role, f"{joined[-1].text}\n\n{message.text}")
        else:
            joined.append(message)
    return tuple(joined)


def repetitions(messages: Sequence[Message]) -> Repetitions:
    """What the running task repeated so far."""
    found = Repetitions()
    for item in _exchanges(messages):
        match item:
            case Exchange(again=True, call=call):
                found = Repetitions(count=found.count + 1, last=call.name)
            case Exchange():
                found = Repetitions(count=found.count)
            case Message(role="user"):
                found = Repetitions()
    return found


def written(fields: dict[str, Any]) -> str:
    """An action as the text of an answer."""
    return msgspec.json.format(msgspec.json.encode(fields), indent=0).decode()


def _plain(messages: Sequence[Message]) -> Iterator[Message]:
    changes = Changes()
    for item in _exchanges(messages):
        match item:
            case Exchange(call=call):
                yield _said("assistant", written(as_fields(call.name, call.arguments)))
                yield _said("user", _told(item, changes))
            case Message(role="user"):
                yield _said("user", f"Task: {item.text}")
            case _:
                yield _said("assistant", written(as_fields(ANSWER, {"text": item.text})))


def _exchanges(messages: Sequence[Message]) -> Iterator[Message | Exchange]:
    """Calls with their results; messages of a person; answers without calls."""
    task, seen, calls = "", set[str](), dict[str, ToolCall]()
    for message in messages:
        match message.role:
            case "user":
                task = message.text
                seen.clear()
                yield message
            case "assistant":
                calls = {call.id: call for call in message.calls}
                if not calls and message.text:
                    yield message
            case "tool":
                for result in message.results:
                    if (call := calls.get(result.call)) is not None:
                        key = f"{call.name} {written(call.arguments)} {result.content}"
                        yield Exchange(task=task, call=call, result=result, again=key in seen)
                        seen.add(key)


def _told(exchange: Exchange, changes: Changes) -> str:
    call, result = exchange.call, exchange.result
    content, change = result.content, ""
    if result.status == "ok" and call.name == "read":
        content = _NUMBERED.sub("", content)
        changes.read(call, content)
        content = f"{len(content.splitlines())} lines\n{content}"
    elif result.status == "ok":
        change = changes.made(call)
    lines = [f"Result: {_cut(content, RESULT_LIMIT)}", change, _AGAIN if exchange.again else ""]
    lines.append(f"Task: {_cut(exchange.task, TASK_LIMIT)}")
    return "\n".join(line for line in lines if line)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return f"{text[: limit * 2 // 3]}\n[…]\n{text[-limit // 3 :]}"


def _said(role: Role, text: str) -> Message:
    return Message(role=role, parts=(Text(text=text),))
