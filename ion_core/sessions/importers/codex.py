"""Codex's rollouts: JSON lines of what the model saw, between lines of what the screen showed.

Entries have no ids there; a line's number is one, since the file only grows. The items of one
answer, reasoning, words and calls, are one entry here. Formats: codex-rs/protocol; the first
rollouts had no envelope around an item.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ion_core.entries import ModelChange
from ion_core.messages import Message, Origin, Part, ToolCall, answered, user
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import Began, Found, Imported, LeftOut, Paid
from ion_core.sessions.importers.codex_items import answer_parts, asked, result_of
from ion_core.sessions.importers.wire import Record, count, record, seconds, told, words
from ion_core.usage import Usage

_PROVIDER = "openai"


class Codex:
    """An importer."""

    name = "codex"

    def recognises(self, begin: bytes, file_name: str) -> bool:
        """By the envelope of the first line, or by the file's name in the oldest ones."""
        first = begin.partition(b"\n")[0].replace(b'": ', b'":')
        if b'"type":"session_meta"' in first:
            return True
        return file_name.startswith("rollout-") and b'"id"' in first and b'"timestamp"' in first

    def read(self, file: Path, blobs: Blobs) -> Iterator[Imported]:
        """Everything in the file."""
        reading = _Reading(blobs)
        yield from told(file, reading.line)
        yield from reading.settle()


class _Reading:
    """One file, as far as it is read."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._begun = False
        self._at = 0.0
        self._model = self._provider = ""
        self._last: str | None = None
        self._answer: str | None = None
        self._line = 0
        self._parts: list[Part] = []
        self._names: dict[str, str] = {}
        self._total: object = None

    def line(self, number: int, line: Record) -> Iterator[Imported]:
        if "timestamp" in line:
            self._at = seconds(line["timestamp"])
        if not self._begun:
            yield self._begin(line)
            return
        body = record(line["payload"]) if "payload" in line else line
        match line.get("type") if "payload" in line else "response_item":
            case "response_item":
                yield from self._item(number, body)
            case "turn_context":
                yield from self._turn(number, body)
            case "compacted":
                yield from self.settle()
                if summary := body.get("message"):
                    yield self._found(number, user(words(summary)))
            case "event_msg":
                yield from self._event(body)
            case kind:
                yield LeftOut(what=str(kind))

    def settle(self) -> Iterator[Imported]:
        """The answer that is being gathered is whole."""
        yield from self._settled(None)

    def _begin(self, line: Record) -> Began:
        self._begun = True
        meta = record(line.get("payload") or line)
        self._provider = words(meta.get("model_provider") or _PROVIDER)
        if not self._at:
            self._at = seconds(meta["timestamp"])
        return Began(
            key=words(meta["id"]),
            at=seconds(meta.get("timestamp") or self._at),
            cwd=words(meta.get("cwd") or ""),
            git_branch=(meta.get("git") or {}).get("branch"),
        )

    def _turn(self, number: int, context: Record) -> Iterator[Imported]:
        model = words(context.get("model") or "")
        if model and model != self._model:
            yield from self.settle()
            self._model = model
            yield self._found(number, ModelChange(model=f"{self._provider}/{model}"))

    def _item(self, number: int, item: Record) -> Iterator[Imported]:
        kind = str(item.get("type") or item.get("record_type"))
        if result := result_of(item, kind, self._names, self._blobs):
            yield from self.settle()
            yield self._found(number, answered(result))
        elif kind == "message" and item.get("role") != "assistant":
            said = asked(item, self._blobs)
            if not said:
                yield LeftOut(what="instructions")
                return
            yield from self.settle()
            yield self._found(number, Message(role="user", parts=said))
        elif parts := answer_parts(item, kind, self._names, number):
            self._line = self._line if self._parts else number
            self._parts += parts
        else:
            yield LeftOut(what=kind)

    def _event(self, event: Record) -> Iterator[Imported]:
        """Only tokens are taken from what the screen showed; the rest stands in the items too."""
        info = event.get("info") if event.get("type") == "token_count" else None
        if not isinstance(info, dict) or info.get("total_token_usage") == self._total:
            return
        self._total = info.get("total_token_usage")
        usage = _usage(record(info.get("last_token_usage") or {}))
        yield from self._settled(usage)
        if self._answer and usage.total:
            yield Paid(
                entry=self._answer,
                provider=self._provider,
                model=self._model,
                usage=usage,
                cost_nano=None,
                at=self._at,
            )

    def _settled(self, usage: Usage | None) -> Iterator[Imported]:
        if not self._parts:
            return
        origin = Origin(
            protocol="responses", provider=self._provider, base_url="", model=self._model
        )
        called = any(isinstance(part, ToolCall) for part in self._parts)
        body = Message(
            role="assistant",
            parts=tuple(self._parts),
            origin=origin,
            stop="tool_use" if called else "end_turn",
            usage=usage,
        )
        self._parts = []
        found = self._found(self._line, body)
        self._answer = found.id
        yield found

    def _found(self, number: int, body: Message | ModelChange) -> Found:
        found = Found(line=number, id=str(number), parent=self._last, at=self._at, body=body)
        self._last = found.id
        return found


def _usage(told: Record) -> Usage:
    """Codex counts cached tokens in the input and reasoning in the output."""
    cached = count(told.get("cached_input_tokens"))
    return Usage(
        input=max(0, count(told.get("input_tokens")) - cached),
        output=count(told.get("output_tokens")),
        cache_read=cached,
        reasoning=count(told.get("reasoning_output_tokens")),
    )
