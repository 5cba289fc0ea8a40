"""Chat completions, streamed: OpenAI's protocol, and that of everybody compatible with it.

Sends what ``openai_chat_wire`` writes and reads it by ``openai_chat_answer``. A 400 that names a
field is healed here, once per lesson and model, since the answer has not begun; everything else is
raised.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from ion_core.errors import (
    BadRequest,
    ConnectionFailed,
    ContextOverflow,
    Overloaded,
    ProviderError,
    StreamBroken,
)
from ion_core.messages import Origin
from ion_core.providers.base import Chunk, ModelInfo, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.error_body import told
from ion_core.providers.faults import stream_fault
from ion_core.providers.heal import learned
from ion_core.providers.http import Answer, Http
from ion_core.providers.model_list import read_models
from ion_core.providers.openai_chat_answer import ChatAnswer
from ion_core.providers.openai_chat_messages import Blobs
from ion_core.providers.openai_chat_wire import chat_body
from ion_core.providers.quirks import Quirks, quirks_for
from ion_core.providers.sse import SseParser
from ion_core.providers.wire_json import decoded, encoded

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport

USAGE_WAIT_S, CLOSE_WAIT_S = 10.0, 0.25
"""After a finish reason, how long usage may take; after ``[DONE]``, how long the end of the body
may take so that the connection can be used again."""

CONTENT_WAIT_S = 300.0
"""How long a server may send signs of life and nothing of its answer."""
HEAD_BYTES = 500
"""So much of a body that is no event stream is shown to people."""


class OpenAIChat:
    """One endpoint. ``blobs`` gives the bytes of an image by its SHA-256; without it, models are
    told that there was an image."""

    def __init__(
        self,
        endpoint: Endpoint,
        transport: AsyncBaseTransport | None = None,
        *,
        blobs: Blobs | None = None,
    ) -> None:
        self.name = endpoint.name
        self._endpoint, self._blobs = endpoint, blobs
        self._http = Http(endpoint, transport)
        self._taught: dict[str, tuple[Quirks, frozenset[str]]] = {}

    @asynccontextmanager
    async def stream(self, request: Request) -> AsyncIterator[AsyncIterator[Chunk]]:
        """Ask. Leaving the block closes the answer, read to its end or not."""
        async with AsyncExitStack() as stack:
            answer = await self._asked(request, stack)
            chunks = self._chunks(answer, request.model)
            stack.push_async_callback(chunks.aclose)
            yield chunks

    def origin(self, model: str) -> Origin:
        return self._endpoint.origin(model)

    async def models(self) -> Sequence[ModelInfo]:
        """The models that the server names, with what settings and server know of them."""
        return read_models(await self._http.get("models"), self._endpoint)

    async def aclose(self) -> None:
        await self._http.aclose()

    async def _asked(self, request: Request, stack: AsyncExitStack) -> Answer:
        while True:
            quirks, known = self._quirks(request.model)
            body = chat_body(request, self._endpoint, quirks, blobs=self._blobs)
            try:
                posted = self._http.post("chat/completions", encoded(body))
                return await stack.enter_async_context(posted)
            except BadRequest as error:
                lesson = learned(quirks, str(error), body, known)
                if lesson is None:
                    raise
                self._taught[request.model] = (lesson[0], known | {lesson[1]})

    def _quirks(self, model: str) -> tuple[Quirks, frozenset[str]]:
        if model not in self._taught:
            self._taught[model] = (quirks_for(self._endpoint.base_url, model), frozenset())
        return self._taught[model]

    async def _chunks(self, answer: Answer, model: str) -> AsyncGenerator[Chunk, None]:
        read = ChatAnswer(think_tags=self._quirks(model)[0].think_tags)
        async with aclosing(answer.pieces()) as pieces, aclosing(_read(pieces, read)) as chunks:
            async for chunk in chunks:
                yield chunk
        if read.error is not None:
            raise stream_fault(read.error, secret=self._endpoint.api_key)
        for chunk in _ended(read):
            yield chunk


async def _read(
    pieces: AsyncGenerator[bytes, None], read: ChatAnswer
) -> AsyncGenerator[Chunk, None]:
    begin = await _begin(pieces)
    if begin.lstrip().startswith(b"{"):
        # Not streamed, because it was not asked to be or because the server never does.
        body = _parsed(begin + b"".join([piece async for piece in pieces]))
        for chunk in read.feed(body):
            yield chunk
        read.complete = bool(body.get("choices"))
        return
    parser, piece, head = SseParser(), begin, b""
    heard = time.monotonic()
    while piece:
        head += piece[: HEAD_BYTES - len(head)]
        for event in parser.feed(piece):
            for chunk in read.take(event):
                heard = time.monotonic()
                yield chunk
        if time.monotonic() - heard > CONTENT_WAIT_S and not read.complete:
            raise StreamBroken(f"The model said nothing for {CONTENT_WAIT_S:g} s.")
        piece = await _next(pieces, read)
    if not parser.recognised and head.strip():
        raise StreamBroken(f"The server sent no answer, but this: {told(head, None).message}")


async def _begin(pieces: AsyncIterator[bytes]) -> bytes:
    """The body up to and including its first piece that is not blank (DeepSeek sends blank lines
    while it thinks)."""
    begin = b""
    async for piece in pieces:
        begin += piece
        if begin.strip():
            break
    return begin


async def _next(pieces: AsyncGenerator[bytes, None], read: ChatAnswer) -> bytes:
    """The next piece, b"" for the end. Once the answer is complete, nothing can break it."""
    if read.error is not None:
        return b""
    patience = CLOSE_WAIT_S if read.done else USAGE_WAIT_S if read.complete else None
    try:
        async with asyncio.timeout(patience):
            return await anext(pieces, b"")
    except (TimeoutError, ConnectionFailed, StreamBroken):
        if read.complete:
            return b""
        raise


def _ended(read: ChatAnswer) -> list[Chunk]:
    """The last chunks of an answer, or the error that its end is."""
    if not read.complete:
        raise StreamBroken("The connection closed before the end of the answer.")
    if read.stop == "error":
        raise _failed(read.raw_stop)
    parts = list(read.parts())
    if read.stop == "context_overflow" and not parts:
        raise ContextOverflow("The conversation is larger than the model's window.")
    return [*parts, read.finished()]


def _failed(reason: str) -> ProviderError:
    sentence = f'The provider ended its answer with "{reason}".'
    # DeepSeek's word for being busy.
    busy = reason == "insufficient_system_resource"
    return Overloaded(sentence) if busy else StreamBroken(sentence)


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        value = decoded(body)
    except msgspec.DecodeError as error:
        raise StreamBroken("The answer is not JSON, or only a part of it.") from error
    return value if isinstance(value, dict) else {}
