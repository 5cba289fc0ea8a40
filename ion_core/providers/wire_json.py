"""JSON as servers accept it and as they send it: lone surrogates go neither out nor in."""

from __future__ import annotations

import json
import logging
from typing import Any

import msgspec

log = logging.getLogger(__name__)


def decoded(text: str | bytes) -> Any:
    """The value that JSON says. Raises ``msgspec.DecodeError``, also for what is nested too deeply.

    A lone surrogate, which a server may cut out of an emoji, becomes a question mark, and bytes
    that are no UTF-8 become U+FFFD: the rest is worth having. Strings may hold bare line ends and
    tabs, as some models write them.
    """
    try:
        return msgspec.json.decode(text)
    except UnicodeDecodeError:
        return decoded(_readable(text))
    except msgspec.DecodeError:
        return _mended(_readable(text))
    except RecursionError as error:
        raise msgspec.DecodeError("JSON is nested too deeply") from error


def json_object(data: str) -> dict[str, Any]:
    """The object that an event's data is; empty for anything else, which is left out and logged."""
    try:
        value = decoded(data)
    except msgspec.DecodeError:
        log.info("left out an event of %d characters that is not JSON", len(data))
        return {}
    return value if isinstance(value, dict) else {}


def _readable(text: str | bytes) -> str:
    return text if isinstance(text, str) else text.decode("utf-8-sig", "replace")


def _mended(text: str) -> Any:
    try:
        return msgspec.json.decode(encoded(json.loads(text, strict=False)))
    except (ValueError, RecursionError) as error:
        raise msgspec.DecodeError(str(error)) from error


def encoded(value: Any) -> bytes:
    """UTF-8 JSON. Lone surrogates, which every server refuses, become question marks."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
