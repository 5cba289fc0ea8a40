"""Values to JSON and back: an encoder for everything, a decoder for each thing that is stored.

The JSON of an event is the line of ``--output-format stream-json``; the JSON of a body is the
payload of a row.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec
from msgspec import Struct

from ion_core.entries import Body, Entry
from ion_core.events import Emitted, Event

_SURROGATE = "[\ud800-\udfff]"
_encoder = msgspec.json.Encoder()


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    """Made when it is first needed: a new session decodes nothing before its first request."""
    return msgspec.json.Decoder(kind)


def encode(value: Struct) -> bytes:
    """One line of UTF-8 JSON, without a line end. Lone surrogates become U+FFFD."""
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return _encoder.encode(_mended(msgspec.to_builtins(value)))


def _mended(value: object) -> object:
    match value:
        case str():
            return re.sub(_SURROGATE, "\ufffd", value)
        case dict():
            return {_mended(key): _mended(item) for key, item in value.items()}
        case list() | tuple():
            return [_mended(item) for item in value]
        case _:
            return value


def legible(body: Body) -> Body:
    """The body as it will be read back: itself, or without its lone surrogates."""
    try:
        _encoder.encode(body)
    except UnicodeEncodeError:
        return decode_body(encode(body))
    return body


def decode_body(data: bytes) -> Body:
    """The body of an entry. Raises ``msgspec.ValidationError`` or ``msgspec.DecodeError``."""
    value: Body = _decoder(Body).decode(data)
    return value


def decode_entry(data: bytes) -> Entry:
    """An entry. Raises like :func:`decode_body`."""
    value: Entry = _decoder(Entry).decode(data)
    return value


def decode_event(data: bytes) -> Event:
    """An event without its envelope. Raises like :func:`decode_body`."""
    value: Event = _decoder(Event).decode(data)
    return value


def decode_emitted(data: bytes) -> Emitted:
    """An event in its envelope. Raises like :func:`decode_body`."""
    value: Emitted = _decoder(Emitted).decode(data)
    return value
