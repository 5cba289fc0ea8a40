"""A chat provider that talks to a server of a test, and what came of it.

Use it as ``async with talking(refused(500), said("Hi.")) as (server, provider)``; ``attempt`` makes
one request, ``failure_of`` one that fails, ``persisted`` a step of the agent with its retries.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ion_core.agent.step import Step
from ion_core.errors import ProviderError
from ion_core.events import Event, StepRetrying
from ion_core.messages import Message, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Provider, Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from tests.fakes.chat_server import ChatServer, Reply
from tests.fakes.speakers import openai_chat

KEY = "sk-live-abcdefgh12345"
TOOL = ToolSpec(name="read", description="Read.", schema={"type": "object", "properties": {}})
ASK = Request(model="m", system="", messages=(user("x"),), tools=(TOOL,))


@asynccontextmanager
async def talking(*replies: Reply, **endpoint: Any) -> AsyncIterator[tuple[ChatServer, Provider]]:
    async with ChatServer(replies) as server:
        made = Endpoint(name="fake", base_url=server.base_url, api_key=KEY, **endpoint)
        provider = openai_chat(made)
        try:
            yield server, provider
        finally:
            await provider.aclose()


async def attempt(provider: Provider) -> Assembly:
    """One request. What came of it is in ``assembly`` of the error, if it fails."""
    assembly = Assembly()
    try:
        async with provider.stream(ASK) as chunks:
            async for chunk in chunks:
                assembly.add(chunk)
    except ProviderError as error:
        error.assembly = assembly  # type: ignore[attr-defined]  # for the test alone
        raise
    return assembly


async def failure_of(provider: Provider) -> ProviderError:
    with pytest.raises(ProviderError) as failure:
        await attempt(provider)
    return failure.value


async def persisted(provider: Provider, **how: Any) -> tuple[Message, list[StepRetrying]]:
    """The answer of a step, and the attempts that it announced."""
    told: list[StepRetrying] = []

    async def emit(event_: Event) -> None:
        if isinstance(event_, StepRetrying):
            told.append(event_)

    return (await Step(provider, ASK, emit, **how).ask()).message, told
