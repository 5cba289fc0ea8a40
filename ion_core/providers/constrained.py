"""Tool calls from a model that cannot make any: each answer is one action under a JSON schema.

A provider around a provider. It replaces the system text, the tools and the history by short forms
that a model of one or two billion parameters can follow, has the server constrain the answer, and
turns what comes back into ordinary parts: text that streams, or one call.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager

from msgspec.structs import replace

from ion_core.messages import Origin, Text, ToolCall
from ion_core.providers.action_answer import ActionAnswer
from ion_core.providers.actions import Action, actions_for
from ion_core.providers.authoring import Draft, authoring
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
from ion_core.providers.conversation import Conversation, conversation, recent
from ion_core.providers.example import EXAMPLE

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
        async with aclosing(self._steps(request)) as chunks:
            yield chunks

    async def _steps(self, request: Request) -> AsyncGenerator[Chunk, None]:
        told = conversation(request.messages)
        acting = _Acting(request, told)
        async with aclosing(self._act(acting, constrained(request, told))) as chunks:
            async for chunk in chunks:
                yield chunk
        match acting.stopped:
            case ActionAnswer(instead="author") as program:
                follow_up = self._author(request, told, program)
            case ActionAnswer():
                again = constrained(request, told, without="write")
                follow_up = self._act(_Acting(request, told), again)
            case None:
                return
        async with aclosing(follow_up) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _act(self, acting: _Acting, asked: Request) -> AsyncGenerator[Chunk, None]:
        async with (
            self._inner.stream(asked) as chunks,
            aclosing(acting.chunks(chunks)) as acted,
        ):
            async for chunk in acted:
                yield chunk

    async def _author(
        self, request: Request, told: Conversation, program: ActionAnswer
    ) -> AsyncGenerator[Chunk, None]:
        draft = Draft(program.path, program.index - 1)
        limit = request.max_output or MAX_OUTPUT
        async with (
            self._inner.stream(authoring(request, told.task, program.path, limit)) as chunks,
            aclosing(_drafted(chunks, draft)) as drafted,
        ):
            async for chunk in drafted:
                yield chunk

    def origin(self, model: str) -> Origin:
        return self._inner.origin(model)

    async def models(self) -> Sequence[ModelInfo]:
        return await self._inner.models()

    async def aclose(self) -> None:
        await self._inner.aclose()


def constrained(request: Request, told: Conversation, *, without: str = "") -> Request:
    """The same question in the short form, with the schema of the answer. ``without`` names a tool
    that the answer may not use."""
    actions = actions_for(request.tools)
    possible = [action for action in _possible(actions, told) if action.tool != without]
    return replace(
        request,
        system=_SYSTEM.format(actions="\n".join(action.usage for action in actions)),
        messages=(*EXAMPLE, *recent(told.messages)),
        tools=(),
        max_output=request.max_output or MAX_OUTPUT,
        temperature=0.0,
        schema={"oneOf": [action.schema(told.filled) for action in possible]},
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


class _Acting:
    """One constrained answer. It may end early, ``stopped`` by what is better done instead."""

    def __init__(self, request: Request, told: Conversation) -> None:
        self.stopped: ActionAnswer | None = None
        self._request, self._told = request, told
        self._tools = frozenset(tool.name for tool in request.tools)
        self._answers: dict[int, ActionAnswer] = {}

    async def chunks(self, chunks: AsyncIterator[Chunk]) -> AsyncGenerator[Chunk, None]:
        async for chunk in chunks:
            match chunk:
                case PartDelta(channel="text"):
                    answer = self._answer(chunk.index)
                    for delta in answer.feed(chunk.text):
                        yield delta
                    if answer.instead == "look":
                        yield PartDone(index=answer.index, part=_look(answer.path))
                        yield Finished(stop="tool_use", model=self._request.model)
                        return
                    if answer.instead:
                        self.stopped = answer
                        return
                case PartDone(part=Text(text=text)):
                    self._answer(chunk.index).text = text
                case Finished():
                    for last in self._finished(chunk):
                        yield last
                case _:
                    yield chunk

    def _answer(self, index: int) -> ActionAnswer:
        """An action has the number after that of its text: a thought may come before it."""
        return self._answers.setdefault(index, ActionAnswer(index + 1, self._told, self._tools))

    def _finished(self, chunk: Finished) -> Iterator[Chunk]:
        called = False
        for answer in self._answers.values():
            part = answer.part(cut=chunk.stop == "max_tokens")
            called = called or isinstance(part, ToolCall)
            yield PartDone(index=answer.index, part=part)
        yield replace(chunk, stop="tool_use") if called and chunk.stop == "end_turn" else chunk


def _look(path: str) -> ToolCall:
    return ToolCall(id=new_call_id(), name="read", arguments={"path": path})


async def _drafted(chunks: AsyncIterator[Chunk], draft: Draft) -> AsyncGenerator[Chunk, None]:
    async for chunk in chunks:
        match chunk:
            case PartDelta(channel="text", text=text):
                for delta in draft.feed(text):
                    yield delta
            case Finished():
                for last in draft.done(cut=chunk.stop == "max_tokens"):
                    yield last
                yield replace(chunk, stop="tool_use") if chunk.stop == "end_turn" else chunk
