"""GitHub Copilot: one provider whose models speak three protocols.

Its newer GPTs answer Responses alone, its Claudes keep their thoughts in Anthropic's messages, and
everything else takes chat completions. A model that turns out to be spoken to in another way says
so, and is asked again.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec.structs import replace

from ion_core.errors import BadRequest
from ion_core.messages import Origin
from ion_core.providers.base import Chunk, ModelInfo, Provider, Request
from ion_core.providers.endpoint import Endpoint

Speak = Callable[[Endpoint], Provider]
"""The provider that speaks the protocol of an endpoint."""

CHAT, RESPONSES, MESSAGES = "openai-chat", "openai-responses", "anthropic-messages"

_OLD_GPTS = ("gpt-3", "gpt-4", "gpt-5-mini")
_REFUSED = r"unsupported_api_for_model|not accessible via the \S+ endpoint"


class Copilot:
    """``speak`` makes the provider of each protocol that is needed, once."""

    def __init__(self, endpoint: Endpoint, speak: Speak) -> None:
        self.name = endpoint.name
        self._endpoint, self._speak = endpoint, speak
        self._speakers: dict[str, Provider] = {}
        self._learnt: dict[str, str] = {}

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask, in the protocol of the model."""
        async with AsyncExitStack() as stack:
            yield await self._asked(request, stack)

    def origin(self, model: str) -> Origin:
        return self._speaker(self._protocol(model)).origin(model)

    async def models(self) -> Sequence[ModelInfo]:
        return await self._speaker(CHAT).models()

    async def aclose(self) -> None:
        for speaker in self._speakers.values():
            await speaker.aclose()

    async def _asked(self, request: Request, stack: AsyncExitStack) -> AsyncIterator[Chunk]:
        untried = [RESPONSES, CHAT, MESSAGES]
        while True:
            protocol = self._protocol(request.model)
            untried.remove(protocol)
            try:
                answer = self._speaker(protocol).stream(request)
                return await stack.enter_async_context(answer)
            except BadRequest as error:
                if not untried or not re.search(_REFUSED, str(error)):
                    raise
                self._learnt[request.model] = untried[0]

    def _protocol(self, model: str) -> str:
        return self._learnt.get(model) or usual_protocol(model)

    def _speaker(self, protocol: str) -> Provider:
        if protocol not in self._speakers:
            self._speakers[protocol] = self._speak(replace(self._endpoint, protocol=protocol))
        return self._speakers[protocol]


def usual_protocol(model: str) -> str:
    """How a model of Copilot's is spoken to: old names are listed, new ones are like the newest of
    their kind."""
    if model.startswith("claude"):
        return MESSAGES
    is_new = model.startswith("gpt-") and not model.startswith(_OLD_GPTS)
    return RESPONSES if is_new else CHAT
