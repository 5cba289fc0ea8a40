"""How a recorded answer is understood: the body of a stream, of a whole answer, or of an error.

The same readers and the same classes of errors as in a run, without the network. What an answer
that never ended had said by then is told with it.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from ion_core.errors import ProviderError
from ion_core.messages import Part, Reasoning, StopReason, Text, ToolCall
from ion_core.providers.base import PartDone, Request
from ion_core.providers.faults import fault, stream_fault
from ion_core.providers.reading import ended, read
from ion_core.providers.wire import Reader, Wire
from ion_core.providers.wire_json import decoded
from ion_core.usage import Usage

_FREE_FORM = "custom_tool_call"


class Understood(Struct, frozen=True, kw_only=True):
    """What a body says. ``parts`` of an answer without its end are as far as they came."""

    complete: bool = False
    parts: tuple[Part, ...] = ()
    stop: StopReason = "error"
    usage: Usage | None = None
    error: ProviderError | None = None

    @property
    def text(self) -> str:
        """Its words for people."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def thinking(self) -> str:
        """What the model thought."""
        return "".join(part.text for part in self.parts if isinstance(part, Reasoning))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """Its calls with arguments, in order; a free-form call (Responses) has none."""
        calls = (part for part in self.parts if isinstance(part, ToolCall))
        return tuple(each for each in calls if (each.opaque or {}).get("type") != _FREE_FORM)


async def understood(body: bytes, wire: Wire[Any], model: str = "") -> Understood:
    """What a body means to a wire. A recorded refusal is an object with ``http_status``,
    ``headers`` and ``body``."""
    refusal = _refusal(body)
    if refusal is not None:
        return Understood(error=refusal)
    reader = wire.reader(Request(model=model, system="", messages=()), wire.quirks(model))
    error: ProviderError | None = None
    try:
        async for _ in read(_in_one_piece(body), reader):
            pass
    except ProviderError as broken:
        error = broken
    return _told(reader, error or _failure(reader))


async def _in_one_piece(body: bytes) -> AsyncGenerator[bytes, None]:
    yield body


def _told(reader: Reader, error: ProviderError | None) -> Understood:
    parts = [chunk.part for chunk in reader.parts() if isinstance(chunk, PartDone)]
    return Understood(
        complete=reader.complete,
        parts=tuple(parts),
        stop=reader.stop,
        usage=reader.finished().usage,
        error=error,
    )


def _failure(reader: Reader) -> ProviderError | None:
    """The error that an answer ended with; none of one that only lacks its end."""
    if reader.error is not None:
        return stream_fault(reader.error)
    if reader.complete and reader.stop == "error":
        try:
            ended(reader)
        except ProviderError as failure:
            return failure
    return None


def _refusal(body: bytes) -> ProviderError | None:
    try:
        recorded = decoded(body)
    except msgspec.DecodeError:
        return None
    match recorded:
        case {"http_status": int(status), **rest}:
            return fault(status, _headers(rest.get("headers")), _bytes(rest.get("body")))
    return None


def _headers(recorded: object) -> Mapping[str, str]:
    given = recorded if isinstance(recorded, dict) else {}
    # Recorders of requests keep a list of values for each name.
    first = {
        name: text[0] if isinstance(text, list) and text else text for name, text in given.items()
    }
    return {str(name).lower(): str(text) for name, text in first.items()}


def _bytes(recorded: object) -> bytes:
    """The body of an error: text as it came, or the JSON that it was."""
    if recorded is None:
        return b""
    return recorded.encode() if isinstance(recorded, str) else msgspec.json.encode(recorded)
