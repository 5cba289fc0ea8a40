"""Tool calls from a model that cannot make any: each answer is one action under a JSON schema.

A provider around a provider. It replaces the system text, the tools and the history by short forms
that a model of one or two billion parameters can follow, has the server constrain the answer, and
turns what comes back into ordinary parts: text that streams, or one call.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager
from typing import Any

import msgspec
from msgspec.structs import replace

from ion_core.messages import Origin, Part, Text, ToolCall
from ion_core.providers.actions import ANSWER, APPEND, Action, actions_for, as_arguments
from ion_core.providers.base import (
    Chunk,
    Finished,
    ModelInfo,
    PartDelta,
    PartDone,
    Provider,
    Request,
)
from ion_core.providers.call_ids import new_call_id
from ion_core.providers.conversation import Conversation, conversation
from ion_core.providers.edit_mend import appended, mended
from ion_core.providers.example import EXAMPLE
from ion_core.providers.fields import FieldStream

MAX_OUTPUT = 2_048
"""Tokens of one action, unless the request says otherwise: a weak model can repeat itself without
end, at about ten tokens a second."""

REPETITIONS = 3
"""Repeated calls of one task after which a model can only answer."""

_SYSTEM = """\
You are a coding agent in the user's folder. Each reply is one JSON action:
{actions}
You see the result of each action, then do the next one. Paths are relative. \
Keep the rest of a file that you change. \
Count and calculate with bash. Fix the program, never its test. \
When every part of the task is done and right, answer."""


class ConstrainedProvider:
    """``inner``, for models with the tool mode ``constrained``."""

    def __init__(self, inner: Provider) -> None:
        self._inner, self.name = inner, inner.name

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask for one action. Without tools, or with a schema of its own, the request goes
        through as it is."""
        if not request.tools or request.schema is not None:
            async with self._inner.stream(replace(request, tools=())) as chunks:
                yield chunks
            return
        told = conversation(request.messages)
        async with (
            self._inner.stream(constrained(request, told)) as chunks,
            aclosing(_acted(chunks, told, request)) as actions,
        ):
            yield actions

    def origin(self, model: str) -> Origin:
        return self._inner.origin(model)

    async def models(self) -> Sequence[ModelInfo]:
        return await self._inner.models()

    async def aclose(self) -> None:
        await self._inner.aclose()


def constrained(request: Request, told: Conversation) -> Request:
    """The same question in the short form, with the schema of the answer."""
    actions = actions_for(request.tools)
    return replace(
        request,
        system=_SYSTEM.format(actions="\n".join(action.usage for action in actions)),
        messages=(*EXAMPLE, *told.messages),
        tools=(),
        max_output=request.max_output or MAX_OUTPUT,
        temperature=0.0,
        schema={"oneOf": [action.schema(told.filled) for action in _possible(actions, told)]},
    )


def _possible(actions: Sequence[Action], told: Conversation) -> list[Action]:
    """What makes sense now: no edit of files that were never seen, not the tool again that just
    brought nothing new, and after some repetitions an answer and nothing else."""
    if told.repetitions >= REPETITIONS:
        return [actions[-1]]
    return [
        action
        for action in actions
        if action.tool != told.repeated and (told.filled or not action.on_known_files)
    ]


async def _acted(
    chunks: AsyncIterator[Chunk], told: Conversation, request: Request
) -> AsyncGenerator[Chunk, None]:
    answers: dict[int, _Answer] = {}
    can_look = any(tool.name == "read" for tool in request.tools)
    async for chunk in chunks:
        match chunk:
            case PartDelta(channel="text", index=index):
                answer = answers.setdefault(index, _Answer(index, told))
                for delta in answer.feed(chunk.text):
                    yield delta
                if answer.blind_path and can_look:
                    yield PartDone(index=index, part=_look(answer.blind_path))
                    yield Finished(stop="tool_use", model=request.model)
                    return
            case PartDone(part=Text(text=text), index=index):
                answers.setdefault(index, _Answer(index, told)).text = text
            case Finished():
                called = False
                for answer in answers.values():
                    part = answer.part(cut=chunk.stop == "max_tokens")
                    called = called or isinstance(part, ToolCall)
                    yield PartDone(index=answer.index, part=part)
                ended = called and chunk.stop == "end_turn"
                yield replace(chunk, stop="tool_use") if ended else chunk
            case _:
                yield chunk


def _look(path: str) -> ToolCall:
    return ToolCall(id=new_call_id(), name="read", arguments={"path": path})


class _Answer:
    """One answer that is being written: part ``index`` of what the model says, after what it was
    ``told``.

    ``blind_path`` is set as soon as it begins to write over a path that it never looked at. Small
    models replace files that they should change; so they are shown the file first.
    """

    def __init__(self, index: int, told: Conversation) -> None:
        self.index, self.text, self.blind_path = index, "", ""
        self._told = told
        self._fields, self._tool, self._path, self._field = FieldStream(), "", "", ""

    def feed(self, text: str) -> Iterator[PartDelta]:
        for field, piece in self._fields.feed(text):
            if field == "tool":
                self._tool += piece
            elif self._tool == ANSWER:
                yield PartDelta(index=self.index, channel="text", text=piece)
            else:
                self._look_at(field, piece)
                yield self._argument(field, piece)

    def _look_at(self, field: str, piece: str) -> None:
        if field == "path":
            self._path += piece
        elif self._tool == "write" and self._path not in self._told.looked_at:
            self.blind_path = self._path

    def _argument(self, field: str, piece: str) -> PartDelta:
        text = msgspec.json.encode(piece).decode()[1:-1]
        if field != self._field:
            start = '", ' if self._field else "{"
            text, self._field = f'{start}"{field}": "{text}', field
        return PartDelta(index=self.index, channel="arguments", text=text, tool=self._tool)

    def part(self, *, cut: bool) -> Part:
        """The whole. An action that was cut off is a malformed call, which nobody runs."""
        try:
            fields = msgspec.json.decode(self.text, type=dict[str, Any])
        except msgspec.DecodeError:
            return self._broken(cut)
        tool = str(fields.get("tool", ANSWER))
        if tool == ANSWER:
            return Text(text=str(fields.get("text", "")))
        if tool in ("edit", APPEND):
            tool = "edit"
            self._mend(fields)
        return ToolCall(id=new_call_id(), name=tool, arguments=as_arguments(tool, fields))

    def _mend(self, fields: dict[str, Any]) -> None:
        text = self._told.files.get(str(fields.get("path", "")), "")
        if "text" in fields:
            old, new = appended(str(fields.pop("text")), text)
        else:
            old, new = mended(str(fields.get("old", "")), str(fields.get("new", "")), text)
        fields["old"], fields["new"] = old, new

    def _broken(self, cut: bool) -> Part:
        if cut and self._tool not in ("", ANSWER):
            return ToolCall(id=new_call_id(), name=self._tool, arguments={}, malformed=self.text)
        said = "".join(piece for field, piece in FieldStream().feed(self.text) if field == "text")
        return Text(text=said or self.text)
