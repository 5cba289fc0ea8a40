"""HTTP to one endpoint: one client, kept alive, with the timeouts and limits of a model's answer.

Failures become the classes of the error tree here. There is a limit on connecting and on silence,
none on the whole answer; a redirect is never followed, since it could carry the key elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from ion_core import __version__
from ion_core.errors import (
    BadRequest,
    ConfigError,
    ConnectionFailed,
    ProviderError,
    StreamBroken,
)
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.redaction import Secret, secrets_of
from ion_core.providers.transport import httpx_module, make_client, warm
from ion_core.providers.wake import Overslept, Vigil

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport, AsyncClient, Request, Response

    from ion_core.providers.trace import Trace

BODY_LIMIT_BYTES = 32 * 2**20
"""More than any model can say; a server that sends more is broken or hostile."""
ERROR_LIMIT_BYTES, ERROR_LIMIT_S = 2**20, 10.0
HEADERS = {
    "user-agent": f"ion/{__version__}",
    "accept": "text/event-stream, application/json",
    "accept-encoding": "identity",
    "content-type": "application/json",
}


class Answer:
    """A response whose body is still coming."""

    def __init__(self, response: Response, endpoint: Endpoint, vigil: Vigil) -> None:
        self._response, self._endpoint, self._vigil = response, endpoint, vigil

    async def pieces(self, limit_bytes: int = BODY_LIMIT_BYTES) -> AsyncGenerator[bytes, None]:
        """The body as it arrives. Raises ``StreamBroken`` when it stops before its end, or is
        larger than ``limit_bytes``."""
        size, coming = 0, self._response.aiter_bytes()
        try:
            while piece := await self._vigil.heard(anext(coming, b"")):
                size += len(piece)
                if size > limit_bytes:
                    raise StreamBroken(
                        f"The answer is larger than {limit_bytes >> 20} MB.", retryable=False
                    )
                yield piece
        except (httpx_module().HTTPError, Overslept) as error:
            raise _fault(error, self._endpoint, answered=True) from error

    async def error_body(self) -> bytes:
        """The beginning of the body of an error, as far as it came."""
        body = b""
        try:
            async with asyncio.timeout(ERROR_LIMIT_S):
                async for piece in self._response.aiter_bytes():
                    body += piece
                    if len(body) >= ERROR_LIMIT_BYTES:
                        break
        except (httpx_module().HTTPError, TimeoutError):
            # The status is known, which is worth more than how the connection ended.
            return body
        return body[:ERROR_LIMIT_BYTES]


class Http:
    """The connection to an endpoint. Made at the first request; ``aclose`` ends it."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: AsyncBaseTransport | None = None,
        *,
        vigil: Callable[[], Vigil] = Vigil,
    ) -> None:
        self._endpoint, self._transport, self._vigil = endpoint, transport, vigil
        self._client: AsyncClient | None = None
        self._making = asyncio.Lock()
        self._trace: Trace | None = None

    @asynccontextmanager
    async def post(
        self, path: str, body: bytes, headers: Mapping[str, str] = {}, *, secret: Secret = ""
    ) -> AsyncIterator[Answer]:
        """Send JSON to ``path`` below the base URL; within the block the answer can be read.
        ``secret`` is in the headers and never in an error.

        Raises a ``ProviderError`` for a connection that fails and for any status but 2xx.
        """
        async with self._open(("POST", path, body), headers, secret) as answer:
            yield answer

    async def get(
        self,
        path: str,
        headers: Mapping[str, str] = {},
        *,
        secret: Secret = "",
        timeout_s: float = 15.0,
    ) -> bytes:
        """The body of ``path`` below the base URL, all of it within ``timeout_s``. Raises like
        :meth:`post`."""
        sent = ("GET", path, b"")
        try:
            async with asyncio.timeout(timeout_s), self._open(sent, headers, secret) as answer:
                return b"".join([piece async for piece in answer.pieces()])
        except TimeoutError as error:
            why = f"{self._endpoint.name} did not answer within {timeout_s:g} s."
            raise ConnectionFailed(why) from error

    async def aclose(self) -> None:
        """Close every connection."""
        if self._client is not None:
            client, self._client = self._client, None
            await client.aclose()
        if self._trace is not None:
            trace, self._trace = self._trace, None
            trace.close()

    @asynccontextmanager
    async def _open(
        self, sent: tuple[str, str, bytes], headers: Mapping[str, str], secret: Secret
    ) -> AsyncIterator[Answer]:
        client = await self._ready()
        vigil = self._vigil()
        try:
            response = await self._sent(client, sent, headers, vigil)
            try:
                answer = Answer(response, self._endpoint, vigil)
                await self._check(response, answer, secret)
                yield answer
            finally:
                await response.aclose()
        finally:
            vigil.close()

    async def _sent(
        self,
        client: AsyncClient,
        sent: tuple[str, str, bytes],
        headers: Mapping[str, str],
        vigil: Vigil,
    ) -> Response:
        httpx, endpoint = httpx_module(), self._endpoint
        method, path, body = sent
        timeout = httpx.Timeout(endpoint.idle_timeout_s, connect=endpoint.connect_timeout_s)
        try:
            request = client.build_request(
                method, path, content=body, timeout=timeout, headers=self._headers(headers)
            )
            response: Response = await vigil.heard(self._send(client, request))
            return response
        except (httpx.HTTPError, httpx.InvalidURL, Overslept) as error:
            raise _fault(error, endpoint, answered=False) from error

    def _send(self, client: AsyncClient, request: Request) -> Coroutine[Any, Any, Response]:
        if self._trace is not None:
            return self._trace.send(client, request)
        return client.send(request, stream=True)

    async def _check(self, response: Response, answer: Answer, secret: Secret) -> None:
        if not response.is_success:
            headers = {name.lower(): value for name, value in response.headers.items()}
            from ion_core.providers.faults import fault  # start-up: after a refusal

            body = await answer.error_body()
            known = (secret,) if isinstance(secret, str) else secret
            secrets = (*known, *secrets_of(self._endpoint.headers))
            raise fault(response.status_code, headers, body, secret=secrets)
        if "text/html" in response.headers.get("content-type", ""):
            raise BadRequest(
                f"{self._endpoint.host} answered with a web page; base_url may be wrong."
            )

    async def _ready(self) -> AsyncClient:
        async with self._making:
            if self._client is None:
                self._client = await self._made()
            return self._client

    async def _made(self) -> AsyncClient:
        url, context = self._endpoint.base_url, None
        if self._transport is None:
            # Imports take 60 ms and certificates 30; keys are painted meanwhile.
            context = await asyncio.to_thread(warm, url)
        if self._endpoint.trace_folder:
            from ion_core.providers.trace import trace_of  # start-up: only for ION_LOG=debug

            self._trace = trace_of(self._endpoint)
        try:
            return make_client(url, dict(HEADERS), context, self._transport)
        except (httpx_module().InvalidURL, ImportError, ValueError) as error:
            raise ConfigError(f"{self._endpoint.name} cannot be reached: {error}.") from error

    def _headers(self, given: Mapping[str, str]) -> dict[str, str]:
        """``given``, and the endpoint's own headers, which win."""
        own = {name.lower(): text for name, text in self._endpoint.headers.items()}
        return {name.lower(): text for name, text in given.items()} | own


def _fault(error: Exception, endpoint: Endpoint, *, answered: bool) -> ProviderError:
    from ion_core.providers.transport_faults import transport_fault  # start-up: after a failure

    return transport_fault(error, endpoint, answered=answered)
