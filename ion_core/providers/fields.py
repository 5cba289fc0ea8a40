"""The string fields of one JSON object, piece by piece while it is being written.

Understands a flat object only: what a schema-constrained model writes. It never fails: on anything
else it simply stops finding pieces, and whoever reads the whole text at the end finds the error.
"""

from __future__ import annotations

from collections.abc import Iterator

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "/": "/", "\\": "\\", '"': '"'}


class FieldStream:
    """Feed it text; it yields ``(field, more of its value)``."""

    def __init__(self) -> None:
        self._string: list[str] | None = None
        self._name, self._is_value = "", False
        self._escape, self._high = "", ""

    def feed(self, text: str) -> Iterator[tuple[str, str]]:
        """What ``text`` adds; pieces of one field within one call come as one."""
        piece = ""
        for char in text:
            if self._string is None:
                self._between(char)
                continue
            more = self._inside(char)
            if self._string is not None and self._is_value:
                piece += more
            elif self._string is None and self._is_value:
                yield self._name, piece
                piece, self._is_value = "", False
        if piece:
            yield self._name, piece

    def _between(self, char: str) -> None:
        if char == '"':
            self._string = []
        elif char == ":":
            self._is_value = True
        elif char == ",":
            self._is_value = False

    def _inside(self, char: str) -> str:
        if self._escape:
            return self._escaped(char)
        if char == "\\":
            self._escape = char
            return ""
        if char == '"':
            self._close()
            return ""
        return self._say(char)

    def _close(self) -> None:
        assert self._string is not None
        if not self._is_value:
            self._name = "".join(self._string)
        self._string = None

    def _say(self, text: str) -> str:
        assert self._string is not None
        if not self._is_value:
            self._string.append(text)
        return text

    def _escaped(self, char: str) -> str:
        self._escape += char
        if self._escape[1] != "u":
            self._escape = ""
            return self._say(_ESCAPES.get(char, char))
        if len(self._escape) < 6:
            return ""
        return self._say(self._unit(self._escape[2:]))

    def _unit(self, digits: str) -> str:
        self._escape, high, self._high = "", self._high, ""
        try:
            code = int(digits, 16)
        except ValueError:
            return "\ufffd"
        if 0xD800 <= code < 0xDC00:
            self._high = chr(code)
            return ""
        if high:
            return (high + chr(code)).encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return chr(code)
