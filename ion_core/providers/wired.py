"""A provider: one endpoint, spoken to in one protocol.

The same for every protocol: ask the credential for a key, send what the wire writes, read it by
the wire's reader. A 400 that names a field is healed here, once per lesson and model, since the
answer has not begun; so is a refused key that can be renewed, and a model that cannot stream when
it is offered tools. Everything else is raised.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, Generic

from ion_core.errors import BadRequest, ProviderError, Unauthorised
from ion_core.messages import Origin
from ion_core.providers.base import Chunk, ModelInfo, Request
from ion_core.providers.credential import Credential, FixedKey, Granted
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.http import Answer, Http
from ion_core.providers.overlay import overlaid
from ion_core.providers.redaction import Secret, secrets_of
from ion_core.providers.unstreamed import Unstreamed
from ion_core.providers.wire import Q, Wire
from ion_core.providers.wire_json import encoded

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport


class Wired(Generic[Q]):
    """``transport`` replaces the network in tests."""

    def __init__(
        self,
        endpoint: Endpoint,
        wire: Wire[Q],
        credential: Credential | None = None,
        transport: AsyncBaseTransport | None = None,
    ) -> None:
        self.name = endpoint.name
        self._endpoint, self._wire = endpoint, wire
        self._credential = credential or FixedKey(endpoint.api_key)
        self._http = Http(endpoint, transport)
        self._taught: dict[str, tuple[Q, frozenset[str]]] = {}
        self._unstreamed = Unstreamed()

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask. Leaving the block closes the answer, read to its end or not."""
        async with AsyncExitStack() as stack:
            answer, secret = await self._asked(request, stack)
            from ion_core.providers.listening import listen  # start-up: while the model thinks

            reader = self._wire.reader(request, self._quirks(request.model)[0])
            unstreamed = self._unstreamed if request.tools and self._streams(request) else None
            chunks = listen(answer, reader, secret, request.model, unstreamed)
            stack.push_async_callback(chunks.aclose)
            yield chunks

    def origin(self, model: str) -> Origin:
        return self._endpoint.origin(model)

    async def models(self) -> Sequence[ModelInfo]:
        """The models that the server names, with what settings and server know of them."""
        if not self._wire.models_path:
            return tuple(self._endpoint.models.values())
        granted = await self._credential.grant()
        body = await self._http.get(
            self._wire.models_path, self._key_headers(granted), secret=_secrets(granted)
        )
        return self._wire.models(body)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _asked(self, request: Request, stack: AsyncExitStack) -> tuple[Answer, Secret]:
        """The answer to a request, and the secret that it was sent with."""
        renewed = False
        while True:
            granted = await self._credential.grant()
            try:
                return await self._sent(request, granted, stack), _secrets(granted)
            except Unauthorised:
                if renewed or not await self._credential.renew(granted):
                    raise
                renewed = True

    async def _sent(self, request: Request, granted: Granted, stack: AsyncExitStack) -> Answer:
        while True:
            quirks, known = self._quirks(request.model)
            streams = self._streams(request)
            post = self._wire.post(request, quirks, stream=streams)
            headers = self._key_headers(granted) | post.headers
            sent = self._http.post(post.path, encoded(post.body), headers, secret=_secrets(granted))
            try:
                return await stack.enter_async_context(sent)
            except ProviderError as error:
                tried = streams and bool(request.tools)
                if tried and self._unstreamed.refused(request.model, error):
                    continue
                if not isinstance(error, BadRequest):
                    raise
                from ion_core.providers.heal import learned  # start-up: after a refusal

                lesson = learned(self._wire.lessons, quirks, str(error), post.body, known)
                if lesson is None:
                    raise
                self._taught[request.model] = (lesson[0], known | {lesson[1]})

    def _streams(self, request: Request) -> bool:
        if not request.tools:
            return True
        able = self._endpoint.model(request.model).tool_streaming
        return able and request.model not in self._unstreamed

    def _key_headers(self, granted: Granted) -> dict[str, str]:
        if not (granted.key.isascii() and granted.key.isprintable()):
            raise Unauthorised(
                f"The key of {self.name} has characters that no key has; set it again."
            )
        return self._wire.key_headers(granted.key) | granted.headers

    def _quirks(self, model: str) -> tuple[Q, frozenset[str]]:
        if model not in self._taught:
            info = self._endpoint.model(model)
            self._taught[model] = (overlaid(self._wire.quirks(model), info), frozenset())
        return self._taught[model]


def _secrets(granted: Granted) -> Secret:
    return (granted.key, *secrets_of(granted.headers))
