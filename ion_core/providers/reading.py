"""Reading one answer to its end, streamed or whole, whatever its protocol.

Decides when a stream is over, when it hangs and when it is none: the reader only understands
events. Anything but an answer with its end is an error.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import msgspec

from ion_core.errors import (
    ConnectionFailed,
    ContextOverflow,
    Overloaded,
    ProviderError,
    StreamBroken,
)
from ion_core.providers.base import Chunk
from ion_core.providers.error_body import told
from ion_core.providers.redaction import Secret
from ion_core.providers.sse import SseParser
from ion_core.providers.wire import Reader
from ion_core.providers.wire_json import decoded

USAGE_WAIT_S, CLOSE_WAIT_S = 10.0, 0.25
"""After the end of an answer, how long its usage may take; after the last event, how long the end
of the body may take so that the connection can be used again."""

CONTENT_WAIT_S = 900.0
"""How long a server may send signs of life and nothing of its answer: some models think for many
minutes behind comments and pings."""
HEAD_BYTES = 500
"""So much of a body that is no event stream is shown to people."""
TAIL_BYTES = 8192
"""So much of the end of a stream is searched for an error that is no event."""
_BOM = b"\xef\xbb\xbf"


async def read(
    pieces: AsyncGenerator[bytes, None], reader: Reader, secret: Secret = ""
) -> AsyncGenerator[Chunk, None]:
    """The chunks of the answer that ``pieces`` are, but for its last ones. Raises
    ``StreamBroken``, whose words never have the ``secret``."""
    begin = await _begin(pieces)
    if begin.removeprefix(_BOM).lstrip()[:1] in (b"{", b"["):
        # Not streamed, because it was not asked to be or because the server never does.
        written = begin + b"".join([piece async for piece in pieces])
        said = False
        for body in _parsed(written):
            for chunk in reader.whole(body):
                said = True
                yield chunk
        if not said and not reader.complete and reader.error is None:
            raise _no_answer(written[:HEAD_BYTES], secret)
        return
    parser, piece, head, tail = SseParser(), begin, b"", b""
    heard = time.monotonic()
    while piece:
        head += piece[: HEAD_BYTES - len(head)]
        tail = (tail + piece)[-TAIL_BYTES:]
        for event in parser.feed(piece):
            for chunk in reader.take(event):
                heard = time.monotonic()
                yield chunk
        if time.monotonic() - heard > CONTENT_WAIT_S and not reader.complete:
            raise StreamBroken(f"The model said nothing for {CONTENT_WAIT_S:g} s.")
        piece = await _next(pieces, reader)
    if not reader.complete and reader.error is None:
        reader.error = _bare_error(tail)
    if not parser.recognised and head.strip():
        raise _no_answer(head, secret)


def _no_answer(head: bytes, secret: Secret) -> StreamBroken:
    words = told(head, None, secret).message
    return StreamBroken(f"The server sent no answer, but this: {words}")


async def _begin(pieces: AsyncIterator[bytes]) -> bytes:
    """The body up to and including its first piece that is not blank (DeepSeek sends blank lines
    while it thinks)."""
    begin = b""
    async for piece in pieces:
        begin += piece
        if begin.strip() and not _BOM.startswith(begin):
            break
    return begin


async def _next(pieces: AsyncGenerator[bytes, None], reader: Reader) -> bytes:
    """The next piece, b"" for the end. Once the answer is complete, nothing can break it."""
    if reader.error is not None:
        return b""
    if not reader.complete:
        return await anext(pieces, b"")
    try:
        async with asyncio.timeout(CLOSE_WAIT_S if reader.done else USAGE_WAIT_S):
            return await anext(pieces, b"")
    except (TimeoutError, ConnectionFailed, StreamBroken):
        return b""


def ended(reader: Reader) -> list[Chunk]:
    """The last chunks of an answer. Raises the error that its end is, if it is one."""
    if not reader.complete:
        raise StreamBroken("The connection closed before the end of the answer.")
    if reader.stop == "error":
        raise _failed(reader.raw_stop)
    parts = list(reader.parts())
    if reader.stop == "context_overflow" and not parts:
        raise ContextOverflow("The conversation is larger than the model's window.")
    return [*parts, reader.finished()]


def _failed(reason: str) -> ProviderError:
    sentence = f'The provider ended its answer with "{reason}".'
    # DeepSeek's word for being busy.
    busy = reason == "insufficient_system_resource"
    return Overloaded(sentence) if busy else StreamBroken(sentence)


def _bare_error(tail: bytes) -> Any:
    """The error that a stream broke off with, written as it would have been without a stream
    (Google does that), None when there is none."""
    begin = max(tail.rfind(b"\n{"), tail.rfind(b"\n[{"))
    if begin < 0:
        return None
    try:
        value = decoded(tail[begin:].strip(b"\r\n []"))
    except msgspec.DecodeError:
        return None
    return value.get("error") if isinstance(value, dict) else None


def _parsed(body: bytes) -> list[dict[str, Any]]:
    """The objects that a body is: one, or several where Google was not asked for events and lists
    what it would have sent as such."""
    try:
        value = decoded(body)
    except msgspec.DecodeError as error:
        raise StreamBroken("The answer is not JSON, or only a part of it.") from error
    bodies = value if isinstance(value, list) else [value]
    return [each for each in bodies if isinstance(each, dict)] or [{}]
