"""A session's history as a small model reads it: a task, one action a turn, one result each.

Every message depends on those before it alone, never on what comes later: a text that was sent
once is sent the same way for ever, so that a local server keeps what it computed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

from ion_core.messages import Message, Role, Text, ToolCall, ToolResult
from ion_core.providers.actions import ANSWER, as_fields
from ion_core.providers.seen_files import SeenFiles

RESULT_LIMIT = 2_400
"""Characters of a result that are shown: its beginning and its end."""
FILE_LIMIT = 1_200
"""Characters of a file that are shown after an edit of it failed."""
CONVERSATION_LIMIT = 14_000
"""Characters of a conversation: about 5,000 tokens, which leaves room for an answer in a window of
8,192."""
_DROPPED_AT_ONCE = 8
TASK_LIMIT = 400
"""Characters of the task that are repeated after each result."""
_AGAIN = "You know this already. Now do the next part of the task."
_IN_VAIN = "This failed before in the same way. Do it in another way."
# A small model copies the line numbers that it is shown into the files that it writes.
_NUMBER = re.compile(r"^ *\d+(?:\t|│ ?| {2})", re.MULTILINE)

_MATCH = re.compile(r"\d+[:-]")


class Conversation(Struct, frozen=True, kw_only=True):
    """The messages, user and assistant in turn, and what they tell of the running ``task``.

    ``files`` are the texts that the model has seen, by path; ``looked_at`` has also the paths
    that it tried to read in vain, ``own`` are those that it wrote whole. ``repetitions`` counts
    calls that repeated an earlier one with the same result; ``repeated`` is the tool of the newest
    call if that did.
    """

    messages: tuple[Message, ...]
    task: str = ""
    files: dict[str, str] = {}
    looked_at: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()
    repetitions: int = 0
    repeated: str = ""

    @property
    def filled(self) -> tuple[str, ...]:
        """The seen files that have some text, which alone can be edited."""
        return tuple(path for path, text in self.files.items() if text.strip())


def conversation(messages: Sequence[Message]) -> Conversation:
    """Read a history."""
    reading = _Reading()
    calls: dict[str, ToolCall] = {}
    for message in messages:
        match message.role:
            case "user":
                reading.task(message.text)
            case "assistant":
                calls = {call.id: call for call in message.calls}
                if not calls and message.text:
                    reading.say("assistant", written(as_fields(ANSWER, {"text": message.text})))
            case "tool":
                for result in message.results:
                    if (call := calls.get(result.call)) is not None:
                        reading.exchange(call, result)
    return reading.read()


def recent(messages: Sequence[Message]) -> tuple[Message, ...]:
    """The last messages that fit a small window. The oldest go eight at a time, so that what is
    left stays the same for some steps; every result says what the task is."""
    start = 0
    while sum(len(message.text) for message in messages[start:]) > CONVERSATION_LIMIT:
        if start + _DROPPED_AT_ONCE >= len(messages):
            break
        start += _DROPPED_AT_ONCE
    return tuple(messages[start:])


def written(fields: dict[str, Any]) -> str:
    """An action as the text of an answer."""
    return msgspec.json.format(msgspec.json.encode(fields), indent=0).decode()


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self._messages: list[Message] = []
        self._files = SeenFiles()
        self._task, self._seen = "", set[str]()
        self._repetitions, self._repeated = 0, ""

    def read(self) -> Conversation:
        return Conversation(
            messages=tuple(self._messages),
            task=self._task,
            files=self._files.texts,
            looked_at=self._files.looked_at,
            own=self._files.own,
            repetitions=self._repetitions,
            repeated=self._repeated,
        )

    def task(self, text: str) -> None:
        self._task, self._seen = text, set()
        self._repetitions, self._repeated = 0, ""
        self.say("user", f"Task: {text}")

    def exchange(self, call: ToolCall, result: ToolResult) -> None:
        key = f"{call.name} {written(call.arguments)} {result.content}"
        again = key in self._seen
        self._seen.add(key)
        self._repetitions += again
        self._repeated = call.name if again else ""
        self.say("assistant", written(as_fields(call.name, call.arguments)))
        self.say("user", self._told(call, result, again))

    def say(self, role: Role, text: str) -> None:
        """Two messages of one role become one: some chat templates insist on turns."""
        if self._messages and self._messages[-1].role == role:
            text = f"{self._messages.pop().text}\n\n{text}"
        self._messages.append(Message(role=role, parts=(Text(text=text),)))

    def _told(self, call: ToolCall, result: ToolResult, again: bool) -> str:
        ok = result.status == "ok"
        lines = [f"Result: {cut(self._content(call, result), RESULT_LIMIT)}"]
        if ok:
            self._files.changed(call)
        else:
            lines.append(self._after_failure(call))
        if again:
            lines.append(_AGAIN if ok else _IN_VAIN)
        lines.append(f"Task: {cut(self._task, TASK_LIMIT)}")
        return "\n".join(line for line in lines if line)

    def _content(self, call: ToolCall, result: ToolResult) -> str:
        if call.name == "grep" and result.status == "ok":
            return _one_a_line(result.content)
        if call.name != "read" or result.status != "ok":
            return result.content
        text = _NUMBER.sub("", result.content)
        self._files.shown(call, text)
        return f"{len(text.splitlines())} lines\n{text}"

    def _after_failure(self, call: ToolCall) -> str:
        """The file of an edit that failed: the model has a wrong idea of it."""
        if call.name == "read":
            self._files.missing(call)
        text = self._files.text(call) if call.name == "edit" else ""
        return f"The file is:\n{cut(text, FILE_LIMIT)}" if text else ""


def _one_a_line(found: str) -> str:
    """Matches with their file on each line: of groups a small model sees the first alone."""
    lines, path = [], ""
    for line in found.splitlines():
        if _MATCH.match(line) and path:
            lines.append(f"{path}:{line}")
        elif line:
            path = line
            if line.startswith("["):
                lines.append(line)
    return "\n".join(lines) or found


def cut(text: str, limit: int) -> str:
    """At most about ``limit`` characters: two thirds from the beginning, the rest from the end."""
    if len(text) <= limit:
        return text
    return f"{text[: limit * 2 // 3]}\n[…]\n{text[-limit // 3 :]}"
