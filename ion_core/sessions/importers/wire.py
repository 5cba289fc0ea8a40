"""Foreign JSON at the door: lines with their numbers, times in any spelling, pictures in base64.

What is not as it should be raises ``ValueError`` or one of its likes (``WRONG``), and the line is
bad; the rest of the file goes on.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from ion_core.errors import StoreError
from ion_core.messages import Image, Text
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import Bad, Imported
from ion_core.sessions.pictures import media_type

Record: TypeAlias = dict[str, Any]

WRONG = (KeyError, TypeError, ValueError, AttributeError, OverflowError, StoreError)
LONGEST = 64_000_000
"""Bytes of a line; a longer one is bad."""
BUFFER = 1_000_000
"""Bytes that are read at once: to wait for the disk is to wait for the other thread."""
TOO_LONG = f"it is longer than {LONGEST // 1_000_000} MB"
_MILLISECONDS = 100_000_000_000
"""Numbers from here on count milliseconds: as seconds they are after the year 5138."""

_json: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def told(file: Path, meaning: Callable[[int, Record], Iterable[Imported]]) -> Iterator[Imported]:
    """What each line means; a line that is no JSON object, or means nothing, is ``Bad``."""
    for number, line in numbered(file):
        try:
            if len(line) >= LONGEST:
                raise ValueError(TOO_LONG)
            yield from [*meaning(number, record(_json.decode(line)))]
        except WRONG as error:
            yield Bad(line=number, reason=reason(error))


def numbered(file: Path, *, empty: bool = False) -> Iterator[tuple[int, bytes]]:
    """The lines from 1 on, with ``empty`` the empty ones too. Of one that is too long only a
    beginning."""
    with file.open("rb", BUFFER) as lines:
        number = 0
        while line := lines.readline(LONGEST):
            number, rest = number + 1, line
            while len(rest) == LONGEST and not rest.endswith(b"\n"):
                rest = lines.readline(LONGEST)
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if empty or line.strip():
                yield number, line


def reason(error: BaseException) -> str:
    """Why a line is bad, as a person reads it."""
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]!r}"
    return str(error) or type(error).__name__


def record(value: Any) -> Record:
    """A JSON object. Raises ``ValueError`` for anything else."""
    if not isinstance(value, dict):
        raise ValueError("it is no JSON object")
    return value


def words(value: Any) -> str:
    """A text. Raises ``ValueError`` for anything else."""
    if not isinstance(value, str):
        raise ValueError(f"a text was expected, not {type(value).__name__}")
    return value


def listed(value: Any) -> list[Record]:
    """A list of objects. Content that is a plain text counts as one text block."""
    if isinstance(value, str):
        return [{"type": "text", "text": value}] if value else []
    if not isinstance(value, list):
        raise ValueError("a list was expected")
    return [record(item) for item in value]


def count(value: Any) -> int:
    """A number of tokens; absent is 0."""
    return max(0, int(value or 0))


def seconds(value: Any) -> float:
    """Seconds since the epoch, from ISO 8601 (without a zone: UTC) or a number of seconds or
    milliseconds."""
    if isinstance(value, str):
        told = datetime.fromisoformat(value)
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    at = float(value)
    at = at / 1000 if abs(at) >= _MILLISECONDS else at
    if not 0 <= at < _MILLISECONDS:
        raise ValueError(f"{value} is no time")
    return at


def nano(dollars: Any) -> int | None:
    """Nano-dollars; None where nothing is said."""
    return None if dollars is None else round(float(dollars) * 1e9)


def arguments(value: Any) -> tuple[Record, str | None]:
    """A call's arguments and, where they are no JSON object, their text."""
    if isinstance(value, str):
        try:
            value = _json.decode(value) if value.strip() else {}
        except (msgspec.DecodeError, UnicodeError):
            return {}, value
    if value is None or isinstance(value, dict):
        return value or {}, None
    return {}, compact(value)


def compact(value: Any) -> str:
    """JSON in one line."""
    return msgspec.json.encode(value).decode()


def picture(data: Any, blobs: Blobs) -> Image | Text:
    """A picture, kept; where it is none that models take, words that say so."""
    raw = base64.b64decode(words(data).partition(";base64,")[2] or data)
    kind = media_type(raw)
    if not kind:
        return Text(text=f"[A picture of {len(raw)} bytes that cannot be shown]")
    return Image(media_type=kind, sha256=blobs.keep(raw))
