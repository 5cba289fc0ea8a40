"""What every provider promises, asked of each one that there is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from ion_core.errors import Overloaded, ProviderError
from ion_core.ids import CallId
from ion_core.messages import Message, Reasoning, Text, ToolCall, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Chunk, Finished, PartDelta, PartDone, Provider, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.script import Reply
from ion_core.providers.scripted import ScriptedProvider
from ion_core.usage import Usage
from tests.fakes import anthropic_server, google_server, responses_server
from tests.fakes.chat_server import ChatServer, refused, said
from tests.fakes.speakers import anthropic, google, openai_chat, openai_responses

REQUEST = Request(model="fake", system="Be brief.", messages=(user("hello"),))
USAGE = Usage(input=100, output=10)
TEXT, THOUGHT, ARGUMENTS = "Hello there, you.", "hm", {"path": "a.py", "limit": 3}

Make = Callable[[str], Awaitable[Provider]]
"""A provider whose answers are ``what``: words | calls | busy | open (it never ends)."""


def a_reply(what: str) -> Reply | Exception:
    never = asyncio.Event() if what == "open" else None
    parts: list[Any] = [Reasoning(text=THOUGHT), Text(text=TEXT)]
    if what == "calls":
        ids = (CallId("c1"), CallId("c2"))
        parts += [ToolCall(id=each, name="read", arguments=ARGUMENTS) for each in ids]
    reply = Reply(parts=tuple(parts), usage=USAGE, gate=never)
    return Overloaded("busy") if what == "busy" else reply


async def scripted_provider(what: str, _: AsyncExitStack) -> Provider:
    return ScriptedProvider([a_reply(what)] * 4)


async def chat_provider(what: str, stack: AsyncExitStack) -> Provider:
    calls = [("read", dict(ARGUMENTS)), ("read", dict(ARGUMENTS))] if what == "calls" else []
    gate = asyncio.Event() if what == "open" else None
    reply = said(TEXT, reasoning=THOUGHT, calls=calls, gate=gate)
    server = await stack.enter_async_context(
        ChatServer([refused(503, "busy") if what == "busy" else reply])
    )
    provider = openai_chat(Endpoint(name="chat", base_url=server.base_url))
    stack.push_async_callback(provider.aclose)
    return provider


async def responses_provider(what: str, stack: AsyncExitStack) -> Provider:
    calls = [("read", dict(ARGUMENTS)), ("read", dict(ARGUMENTS))] if what == "calls" else []
    gate = asyncio.Event() if what == "open" else None
    reply = responses_server.said(TEXT, thoughts=THOUGHT, calls=calls, gate=gate)
    server = await stack.enter_async_context(
        ChatServer([refused(503, "busy") if what == "busy" else reply])
    )
    provider = openai_responses(Endpoint(name="responses", base_url=server.base_url))
    stack.push_async_callback(provider.aclose)
    return provider


async def anthropic_provider(what: str, stack: AsyncExitStack) -> Provider:
    calls = [("read", ARGUMENTS), ("read", ARGUMENTS)] if what == "calls" else []
    gate = asyncio.Event() if what == "open" else None
    reply = anthropic_server.said(TEXT, reasoning=THOUGHT, calls=calls, gate=gate)
    busy = anthropic_server.refused(529, "overloaded_error")
    server = await stack.enter_async_context(ChatServer([busy if what == "busy" else reply]))
    provider = anthropic(Endpoint(name="claude", base_url=server.base_url))
    stack.push_async_callback(provider.aclose)
    return provider


async def google_provider(what: str, stack: AsyncExitStack) -> Provider:
    calls = [("read", ARGUMENTS), ("read", ARGUMENTS)] if what == "calls" else []
    gate = asyncio.Event() if what == "open" else None
    reply = google_server.said(TEXT, reasoning=THOUGHT, calls=calls, gate=gate)
    busy = google_server.refused(503, "UNAVAILABLE")
    server = await stack.enter_async_context(
        google_server.GoogleServer([busy if what == "busy" else reply])
    )
    provider = google(Endpoint(name="google", base_url=server.base_url))
    stack.push_async_callback(provider.aclose)
    return provider


@pytest.fixture(
    params=[
        scripted_provider,
        anthropic_provider,
        chat_provider,
        google_provider,
        responses_provider,
    ],
    ids=["scripted", "anthropic-messages", "openai-chat", "google-generate", "openai-responses"],
)
async def make(request: pytest.FixtureRequest) -> AsyncIterator[Make]:
    async with AsyncExitStack() as stack:
        yield lambda what: request.param(what, stack)


async def read(provider: Provider) -> list[Chunk]:
    async with provider.stream(REQUEST) as chunks:
        return [chunk async for chunk in chunks]


def assembled(provider: Provider, chunks: list[Chunk]) -> Message:
    assembly = Assembly()
    for chunk in chunks:
        assembly.add(chunk)
    return assembly.message(provider.origin("fake"))


async def test_an_answer_is_what_was_said(make: Make) -> None:
    provider = await make("calls")
    message = assembled(provider, await read(provider))
    thought, text, *calls = message.parts
    assert isinstance(thought, Reasoning)
    assert (thought.text, text) == (THOUGHT, Text(text=TEXT))
    assert [(c.name, c.arguments) for c in message.calls] == [("read", ARGUMENTS)] * 2
    assert len({c.id for c in message.calls}) == len(calls) == 2
    assert (message.stop, message.usage) == ("tool_use", USAGE)
    assert message.origin == provider.origin("fake")


async def test_each_part_is_done_once_before_the_one_terminal_chunk(make: Make) -> None:
    chunks = await read(await make("calls"))
    assert [type(chunk) for chunk in chunks].count(Finished) == 1
    assert isinstance(chunks[-1], Finished)
    done = [chunk.index for chunk in chunks if isinstance(chunk, PartDone)]
    assert sorted(done) == [0, 1, 2, 3]


async def test_no_delta_follows_the_end_of_its_part_and_all_join_to_it(make: Make) -> None:
    grown: dict[int, str] = {}
    ended: set[int] = set()
    for chunk in await read(await make("words")):
        match chunk:
            case PartDelta():
                assert chunk.index not in ended
                grown[chunk.index] = grown.get(chunk.index, "") + chunk.text
            case PartDone(part=Text(text=text) | Reasoning(text=text)):
                ended.add(chunk.index)
                assert grown[chunk.index] == text
    assert ended == {0, 1}


async def test_a_failure_is_a_provider_error(make: Make) -> None:
    provider = await make("busy")
    with pytest.raises(ProviderError) as failure:
        await read(provider)
    assert failure.value.retryable


async def test_a_reader_may_leave_in_the_middle_and_ask_again(make: Make) -> None:
    provider = await make("open")
    for _ in range(2):
        async with provider.stream(REQUEST) as chunks:
            first = await anext(aiter(chunks))
        assert isinstance(first, PartDelta)


async def test_a_cancelled_reader_stops_at_once(make: Make) -> None:
    provider, begun = await make("open"), asyncio.Event()

    async def listen() -> None:
        async with provider.stream(REQUEST) as chunks:
            async for _ in chunks:
                begun.set()

    task = asyncio.ensure_future(listen())
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_origins_are_equal_for_a_model_and_differ_between_models(make: Make) -> None:
    provider = await make("words")
    assert provider.origin("a") == provider.origin("a")
    assert provider.origin("a") != provider.origin("b")


async def test_it_names_models_and_may_be_closed_twice(make: Make) -> None:
    provider = await make("words")
    assert [model.provider for model in await provider.models()] == [provider.name]
    await provider.aclose()
    await provider.aclose()
