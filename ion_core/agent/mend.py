"""Arguments of a call whose JSON is not quite JSON: mended where only the form is wrong.

Fences, trailing commas, single quotes, an object within a string, the same object twice. What ends
in the middle was cut off, and is never completed: what is missing could be anything.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ion_core.providers.loose_json import decode, value_end

_FENCE = re.compile(r"^```\w*\s*|\s*```$")
_MOST_WRAPS = 3


def mended(text: str) -> dict[str, Any] | None:
    """The arguments that ``text`` surely means; None where that is not certain."""
    value: Any = text
    for _ in range(_MOST_WRAPS):
        if not isinstance(value, str):
            break
        value = _value(_FENCE.sub("", value.strip()).strip())
    return value if isinstance(value, dict) else None


def is_cut_off(text: str) -> bool:
    """Whether ``text`` begins an object and does not end it."""
    start = text.find("{")
    return start >= 0 and value_end(text, start) < 0


def _value(text: str) -> Any:
    """What the text says, when it is one value, or one object more than once."""
    if not text.startswith("{"):
        return _quoted(text) if text.startswith('"') else None
    values = []
    while text:
        end = value_end(text, 0) if text.startswith("{") else -1
        if end < 0:
            return None
        values.append(_decoded(text[:end]))
        text = text[end:].strip()
    said = [value for value in values if value != {}]  # some servers begin with an empty one
    return said[0] if said and all(value == said[0] for value in said) else None


def _quoted(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def _decoded(text: str) -> Any:
    try:
        return decode(text)
    except ValueError:  # msgspec's errors are some
        return None
