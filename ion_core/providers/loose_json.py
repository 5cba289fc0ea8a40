"""JSON as small models write it: where a value ends, and what it says once it is mended.

Mended are trailing commas, single quotes, Python's ``True``, ``False`` and ``None``, and line ends
or tabs inside strings. Anything else that is not JSON stays what it is: not JSON.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

_OPEN, _CLOSE = "{[", "}]"
_TURN = re.compile(r"[\"'\\{}\[\]]")
_WORDS = {"True": "true", "False": "false", "None": "null"}
_CONTROL = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def value_end(text: str, start: int) -> int:
    """The index after the object or list that begins at ``start``, or -1 when it does not end."""
    return ValueEnd(start).find(text)


class ValueEnd:
    """The end of the object or list that begins at ``start`` of a text that still grows."""

    def __init__(self, start: int) -> None:
        self._at, self._depth, self._quote = start, 0, ""

    def find(self, text: str) -> int:
        """The index after it, or -1 as long as it does not end. Reads only what is new."""
        while turn := _TURN.search(text, self._at):
            self._at = turn.end()
            if self._turn(turn[0]):
                return self._at
        self._at = max(self._at, len(text))
        return -1

    def _turn(self, char: str) -> bool:
        """Take note of a character that matters; whether the value ends with it."""
        if self._quote:
            if char == "\\":
                self._at += 1  # whatever is escaped, perhaps not there yet
            elif char == self._quote:
                self._quote = ""
        elif char in "\"'":
            self._quote = char
        elif char in _OPEN:
            self._depth += 1
        elif char in _CLOSE:
            self._depth -= 1
            return self._depth <= 0
        return False


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
