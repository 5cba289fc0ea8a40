"""A provider that reads its answers from a script: the fake of every test, and a product feature.

It streams like a real one: text in deltas, usage at the end, errors where the script says so. In
settings it is ``protocol = "scripted"`` with ``base_url`` the path of a JSON file; what may stand
in it is described in ``script.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from ion_core.codec import encode
from ion_core.messages import Message, Origin, Part, Reasoning, StopReason, Text, ToolCall
from ion_core.providers.base import Chunk, Finished, ModelInfo, PartDelta, PartDone, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.script import Reply, Step, load_script
from ion_core.usage import Usage

SCRIPT_OVER = "The script is over."
CHARACTERS_PER_TOKEN = 4


class ScriptedProvider:
    """Answers request ``n`` with step ``n``; ``requests`` are those that it got, in order.

    ``chunk`` is the length of a delta in characters, ``delay_s`` the pause before each one of a
    step that names no other.
    """

    def __init__(
        self,
        steps: Sequence[Step] = (),
        *,
        name: str = "scripted",
        base_url: str = "",
        models: Sequence[ModelInfo] = (),
        chunk: int = 16,
        delay_s: float = 0.0,
    ) -> None:
        self.name, self.requests = name, list[Request]()
        self._steps, self._chunk, self._delay_s = list(steps), chunk, delay_s
        self._base_url = base_url
        self._models = tuple(models) or (ModelInfo(provider=name, id="scripted", window=200_000),)

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Play the next step. An error step raises from the iteration, like a broken stream."""
        number = len(self.requests)
        self.requests.append(request)
        step = self._steps[number] if number < len(self._steps) else SCRIPT_OVER
        chunks = self._play(_reply(step, request), request)
        try:
            yield chunks
        finally:
            await chunks.aclose()

    async def _play(self, reply: Reply, request: Request) -> AsyncGenerator[Chunk, None]:
        delay_s = reply.delay_s or self._delay_s
        for index, part in enumerate(reply.parts):
            for delta in _deltas(index, part, self._chunk):
                if delay_s:
                    await asyncio.sleep(delay_s)
                yield delta
            yield PartDone(index=index, part=part)
        if reply.gate is not None:
            await reply.gate.wait()
        if reply.error is not None:
            raise reply.error
        yield _finished(reply, request)

    def origin(self, model: str) -> Origin:
        return Origin(protocol="scripted", provider=self.name, base_url=self._base_url, model=model)

    async def models(self) -> Sequence[ModelInfo]:
        return self._models

    async def aclose(self) -> None:
        """Nothing is open."""


def scripted(endpoint: Endpoint) -> ScriptedProvider:
    """The provider of an endpoint whose ``base_url`` is the path of a script.

    Raises ``ConfigError`` when the file cannot be read or is not a script.
    """
    return ScriptedProvider(
        load_script(Path(endpoint.base_url)),
        name=endpoint.name,
        base_url=endpoint.base_url,
        models=tuple(endpoint.models.values()),
    )


def _reply(step: Step, request: Request) -> Reply:
    match step:
        case Reply():
            return step
        case str():
            return Reply(parts=(Text(text=step),))
        case Message():
            return Reply(parts=step.parts, usage=step.usage, stop=step.stop)
        case Exception():
            return Reply(error=step)
        case list() | tuple():
            return Reply(parts=tuple(step))
        case _:
            return _reply(step(request), request)


def _deltas(index: int, part: Part, size: int) -> Iterator[PartDelta]:
    match part:
        case Text():
            for piece in _pieces(part.text, size):
                yield PartDelta(index=index, channel="text", text=piece)
        case Reasoning():
            for piece in _pieces(part.text, size):
                yield PartDelta(index=index, channel="reasoning", text=piece)
        case ToolCall():
            for piece in _pieces(_arguments(part), size):
                yield PartDelta(index=index, channel="arguments", text=piece, tool=part.name)
        case _:
            raise TypeError(f"a model cannot say this: {part!r}")


def _pieces(text: str, size: int) -> Iterator[str]:
    return (text[at : at + size] for at in range(0, len(text), size))


def _arguments(call: ToolCall) -> str:
    if call.malformed is not None:
        return call.malformed
    return msgspec.json.encode(call.arguments).decode()


def _finished(reply: Reply, request: Request) -> Finished:
    calls = any(isinstance(part, ToolCall) for part in reply.parts)
    stop: StopReason = reply.stop or ("tool_use" if calls else "end_turn")
    usage = reply.usage or _counted(reply, request)
    return Finished(
        stop=stop,
        usage=usage,
        cost_nano=reply.cost_nano,
        model=request.model,
        raw=stop,
        explanation=reply.explanation,
    )


def _counted(reply: Reply, request: Request) -> Usage:
    asked = len(request.system) + sum(len(encode(message)) for message in request.messages)
    said = sum(len(delta.text) for part in reply.parts for delta in _deltas(0, part, 1 << 20))
    return Usage(input=1 + asked // CHARACTERS_PER_TOKEN, output=1 + said // CHARACTERS_PER_TOKEN)
