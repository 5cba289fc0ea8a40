"""Tool calls as text: for models whose server has no calls of its own, or seldom makes them.

A provider around a provider. It describes the tools in the system text and shows earlier calls and
results as text; in answers it finds the calls that were written as text. Calls that the wire makes
are passed on as they are.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager

import msgspec
from msgspec.structs import replace

from ion_core.messages import Message, Origin, Role, Text, ToolCall
from ion_core.providers.base import (
    Chunk,
    Finished,
    ModelInfo,
    PartDelta,
    PartDone,
    Provider,
    Request,
    ToolSpec,
)
from ion_core.providers.call_ids import new_call_id
from ion_core.providers.text_calls import Sieve, Written, pieces

_TOOLS = """

# Tools
To use tools, end your answer with one or more blocks of this form:
<tool_call>
{{"name": "the tool", "arguments": {{"its": "arguments"}}}}
</tool_call>
Then stop: the results come as <tool_response> blocks. The tools and their JSON schemas:
{tools}"""


class ToolTextProvider:
    """``inner``, for models with the tool mode ``text``.

    With ``describe`` False the tools go over the wire, and only answers are searched for calls.
    """

    def __init__(self, inner: Provider, *, describe: bool = True) -> None:
        self._inner, self.name, self._describe = inner, inner.name, describe

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask; the calls of the answer come as ordinary parts."""
        asked = as_text(request) if self._describe else request
        async with (
            self._inner.stream(asked) as chunks,
            aclosing(_recovered(chunks, request.tools)) as found,
        ):
            yield found

    def origin(self, model: str) -> Origin:
        return self._inner.origin(model)

    async def models(self) -> Sequence[ModelInfo]:
        return await self._inner.models()

    async def aclose(self) -> None:
        await self._inner.aclose()


def as_text(request: Request) -> Request:
    """The same question without the wire's tools, calls and results."""
    if not request.tools:
        return request
    tools = "\n".join(_described(tool) for tool in request.tools)
    return replace(
        request,
        system=request.system + _TOOLS.format(tools=tools),
        messages=tuple(_messages(request.messages)),
        tools=(),
    )


def _described(tool: ToolSpec) -> str:
    schema = msgspec.json.encode(tool.schema).decode()
    return f"- {tool.name}: {' '.join(tool.description.split())} {schema}"


def _messages(messages: Sequence[Message]) -> Iterator[Message]:
    responses: list[str] = []
    for message in messages:
        if message.role == "tool":
            responses += [
                f"<tool_response>\n{result.content}\n</tool_response>" for result in message.results
            ]
            continue
        if responses:
            yield _said("user", "\n".join(responses))
            responses = []
        yield _said("assistant", _with_calls(message)) if message.calls else message
    if responses:
        yield _said("user", "\n".join(responses))


async def _recovered(
    chunks: AsyncIterator[Chunk], tools: Sequence[ToolSpec]
) -> AsyncGenerator[Chunk, None]:
    numbers = _Numbers()
    texts: dict[int, _Growing] = {}
    called = False
    async for chunk in chunks:
        match chunk:
            case PartDelta(channel="text"):
                text = texts.setdefault(chunk.index, _Growing(chunk.index, numbers, tools))
                for delta in text.feed(chunk.text):
                    yield delta
            case PartDone(part=Text() as whole):
                text = texts.setdefault(chunk.index, _Growing(chunk.index, numbers, tools))
                for out in text.done(whole):
                    called = called or (
                        isinstance(out, PartDone) and isinstance(out.part, ToolCall)
                    )
                    yield out
            case PartDelta() | PartDone():
                yield replace(chunk, index=numbers.of(chunk.index))
            case Finished(stop="end_turn") if called:
                yield replace(chunk, stop="tool_use")
            case _:
                yield chunk


class _Numbers:
    """Gives the parts that come out their numbers, in the order in which they appear."""

    def __init__(self) -> None:
        self._given: dict[int, int] = {}
        self._next = 0

    def of(self, inner: int) -> int:
        """The number of a part of the inner answer."""
        if inner not in self._given:
            self._given[inner] = self.new()
        return self._given[inner]

    def new(self) -> int:
        """A number for a part that the inner answer does not know."""
        self._next += 1
        return self._next - 1


class _Growing:
    """One text that may turn out to hold calls: what may become one is held back."""

    def __init__(self, inner: int, numbers: _Numbers, tools: Sequence[ToolSpec]) -> None:
        self._inner, self._numbers, self._tools = inner, numbers, tools
        self._sieve, self._shown = Sieve(tools), 0

    def feed(self, text: str) -> Iterator[PartDelta]:
        if certain := self._sieve.feed(text):
            self._shown += len(certain)
            yield self._delta(certain)

    def done(self, whole: Text) -> Iterator[Chunk]:
        found = pieces(whole.text, self._tools)
        if found in ([], [whole.text]):
            # Nothing was found: the part stays what it is, with all that its provider gave it.
            if more := whole.text[self._shown :]:
                yield self._delta(more)
            yield PartDone(index=self._numbers.of(self._inner), part=whole)
            return
        for number, piece in enumerate(found):
            if isinstance(piece, Written):
                yield from _call(self._numbers.new(), piece)
            elif number == 0:
                if more := piece[self._shown :]:
                    yield self._delta(more)
                yield PartDone(index=self._numbers.of(self._inner), part=Text(text=piece))
            else:
                index = self._numbers.new()
                yield PartDelta(index=index, channel="text", text=piece)
                yield PartDone(index=index, part=Text(text=piece))

    def _delta(self, text: str) -> PartDelta:
        return PartDelta(index=self._numbers.of(self._inner), channel="text", text=text)


def _call(index: int, written: Written) -> Iterator[Chunk]:
    text = msgspec.json.encode(written.arguments).decode()
    yield PartDelta(index=index, channel="arguments", text=text, tool=written.name)
    call = ToolCall(id=new_call_id(), name=written.name, arguments=written.arguments)
    yield PartDone(index=index, part=call)


def _with_calls(message: Message) -> str:
    blocks = [
        "<tool_call>\n"
        + msgspec.json.encode({"name": call.name, "arguments": call.arguments}).decode()
        + "\n</tool_call>"
        for call in message.calls
    ]
    return "\n".join([message.text, *blocks] if message.text else blocks)


def _said(role: Role, text: str) -> Message:
    return Message(role=role, parts=(Text(text=text),))
