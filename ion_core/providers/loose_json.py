"""JSON as small models write it: where a value ends, and what it says once it is mended.

Mended are trailing commas, single quotes, Python's ``True``, ``False`` and ``None``, and line ends
or tabs inside strings. Anything else that is not JSON stays what it is: not JSON.
"""

from __future__ import annotations

from typing import Any

import msgspec

_OPEN, _CLOSE = "{[", "}]"
_WORDS = {"True": "true", "False": "false", "None": "null"}
_CONTROL = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def value_end(text: str, start: int) -> int:
    """The index after the object or list that begins at ``start``, or -1 when it does not end."""
    depth, quote, at = 0, "", start
    while at < len(text):
        char = text[at]
        if quote:
            if char == "\\":
                at += 1
            elif char == quote:
                quote = ""
        elif char in "\"'":
            quote = char
        elif char in _OPEN:
            depth += 1
        elif char in _CLOSE:
            depth -= 1
            if depth <= 0:
                return at + 1
        at += 1
    return -1


def decode(text: str) -> Any:
    """The value, mended where needed. Raises ``ValueError`` for what is not JSON even so."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return msgspec.json.decode(mended(text))


def mended(text: str) -> str:
    """The text with the certain mistakes undone. Correct JSON comes back unchanged in meaning."""
    out: list[str] = []
    at = 0
    while at < len(text):
        char = text[at]
        if char in "\"'":
            at = _string(text, at, out)
        elif char in _CLOSE:
            _drop_comma(out)
            out.append(char)
            at += 1
        elif word := next((word for word in _WORDS if text.startswith(word, at)), ""):
            out.append(_WORDS[word])
            at += len(word)
        else:
            out.append(char)
            at += 1
    return "".join(out)


def _string(text: str, start: int, out: list[str]) -> int:
    quote, at = text[start], start + 1
    out.append('"')
    while at < len(text) and text[at] != quote:
        if text[at] == "\\" and at + 1 < len(text):
            pair = text[at : at + 2]
            out.append("'" if pair == "\\'" else pair)
            at += 2
            continue
        out.append('\\"' if text[at] == '"' else _CONTROL.get(text[at], text[at]))
        at += 1
    out.append('"')
    return at + 1


def _drop_comma(out: list[str]) -> None:
    at = len(out) - 1
    while at >= 0 and out[at].isspace():
        at -= 1
    if at >= 0 and out[at] == ",":
        del out[at]
