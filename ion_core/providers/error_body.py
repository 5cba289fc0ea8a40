"""The words and codes of an error body, wherever a vendor put them.

Content types lie and bodies may be a proxy's web page, so the bytes themselves decide. Secrets
are removed here, before anything else sees the text.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct

from ion_core.providers.redaction import Secret, redacted
from ion_core.providers.wire_json import decoded, encoded

MESSAGE_LIMIT = 2000
"""Characters of an error message that people are shown."""

_MARKUP = r"(?is)^\s*(<!doctype|<html|<\?xml|<head|<body)"
_WEB_PAGE = (
    "a web page instead of JSON. A proxy or gateway may be in between, or base_url may be wrong."
)


class Told(Struct, frozen=True, kw_only=True):
    """What an error says: a ``message`` for people, ``codes`` (types and codes, lower case), a
    ``status`` named inside it, RetryInfo's ``retry_delay``, ``everything`` as text, and the
    ``headers`` of a provider behind a router."""

    message: str
    codes: frozenset[str] = frozenset()
    status: int | None = None
    retry_delay: str = ""
    everything: str = ""
    empty: bool = False
    headers: dict[str, str] = {}


def told(body: bytes | dict[str, Any], status: int | None, secret: Secret = "") -> Told:
    """Read a body, or an object that was parsed already."""
    if isinstance(body, dict):
        return _from_object(body, secret)
    text = redacted(body.decode("utf-8", "replace"), secret)
    if not text.strip():
        return Told(message="(nothing more was said)", empty=True)
    if re.match(_MARKUP, text):
        return Told(message=_WEB_PAGE)
    try:
        value = decoded(body)
    except msgspec.DecodeError:
        return Told(message=text.strip()[:MESSAGE_LIMIT], everything=text)
    if isinstance(value, list) and value:
        # Gemini wraps its error in an array when the answer was not to be streamed.
        value = value[0]
    if not isinstance(value, dict):
        return Told(message=text.strip()[:MESSAGE_LIMIT], everything=text)
    return _from_object(value, secret)


def _from_object(value: dict[str, Any], secret: Secret) -> Told:
    error = value.get("error")
    inner = error if isinstance(error, dict) else value
    everything = redacted(encoded(value).decode(), secret)
    delays = [d["retryDelay"] for d in _details(inner) if isinstance(d.get("retryDelay"), str)]
    return Told(
        message=redacted(_message(value, error), secret)[:MESSAGE_LIMIT],
        codes=_codes(inner),
        status=_status(inner),
        retry_delay=delays[0] if delays else "",
        everything=everything,
        headers=_headers(inner.get("metadata")),
    )


def _details(inner: dict[str, Any]) -> list[dict[str, Any]]:
    details = inner.get("details")
    return [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []


def _message(value: dict[str, Any], error: object) -> str:
    inner = error if isinstance(error, dict) else {}
    found = (inner.get("message"), error, value.get("message"), value.get("detail"))
    message = next((_words(each) for each in found if _words(each)), "")
    metadata = inner.get("metadata")
    if isinstance(metadata, dict):
        # OpenRouter: what the provider behind it said.
        raw, name = _words(metadata.get("raw")), _words(metadata.get("provider_name"))
        message += (
            f" ({name}: {raw})" if name and raw else f" ({name or raw})" if name or raw else ""
        )
    return message or encoded(value).decode()


def _words(value: object) -> str:
    match value:
        case str():
            return value
        case [{"msg": str(message), "loc": list(place)}, *_]:
            # FastAPI names the field beside its sentence.
            return f"{'.'.join(str(step) for step in place)}: {message}"
        case [{"msg": str(message)}, *_]:
            return message
        case [str(first), *_]:
            return first
        case _:
            return ""


def _headers(metadata: object) -> dict[str, str]:
    headers = metadata.get("headers") if isinstance(metadata, dict) else None
    pairs = headers.items() if isinstance(headers, dict) else ()
    return {str(name).lower(): str(value) for name, value in pairs}


def _codes(inner: dict[str, Any]) -> frozenset[str]:
    found = {inner.get(name) for name in ("code", "type", "status") if _hashable(inner.get(name))}
    found |= {each["reason"] for each in _details(inner) if _hashable(each.get("reason"))}
    return frozenset(code.lower() for code in found if isinstance(code, str))


def _hashable(value: object) -> bool:
    return isinstance(value, str | int)


def _status(inner: dict[str, Any]) -> int | None:
    for name in ("code", "status_code", "http_code"):
        value = inner.get(name)
        number = int(value) if isinstance(value, str) and value.isdigit() else value
        if isinstance(number, int) and 400 <= number < 600:
            return number
    return None
