"""Texts some of whose pieces are signed.

Gemini signs parts, and wants each signature back on exactly its part; people want to read one
text. So a text is kept whole, and which stretches of it were parts of their own, signed, is kept
beside it, in the part's ``opaque``.
"""

from __future__ import annotations

from typing import Any

SIGNATURE = "thoughtSignature"
SIGNED = "signed"
ID = "id"
"""In the ``opaque`` of a call: the id that the model gave it."""


class Growing:
    """A text, or a thought, while it comes."""

    def __init__(self, index: int, *, thought: bool) -> None:
        self.index, self.thought = index, thought
        self._pieces: list[str] = []
        self._signed: list[tuple[int, int, str]] = []
        self._length = 0

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def add(self, text: str, signature: str) -> None:
        """Take a part of the answer."""
        begin, self._length = self._length, self._length + len(text)
        self._pieces.append(text)
        if signature:
            self._signed.append((begin, self._length, signature))

    @property
    def opaque(self) -> dict[str, Any] | None:
        """Where it is signed, as ``[[begin, end, signature], …]`` in characters."""
        return {SIGNED: [list(each) for each in self._signed]} if self._signed else None


def pieces(text: str, opaque: dict[str, Any] | None) -> list[dict[str, Any]]:
    """The parts that a text was, each with its own signature. An unsigned empty one is none."""
    parts: list[dict[str, Any]] = []
    at = 0
    for begin, end, signature in _marks(text, opaque):
        parts += [{"text": text[at:begin]}] if begin > at else []
        parts.append({"text": text[begin:end], SIGNATURE: signature})
        at = end
    return parts + ([{"text": text[at:]}] if at < len(text) else [])


def _marks(text: str, opaque: dict[str, Any] | None) -> list[tuple[int, int, str]]:
    """The signed stretches; none when they do not lie in ``text`` one after the other."""
    marks: list[tuple[int, int, str]] = []
    at = 0
    signed = (opaque or {}).get(SIGNED)
    for mark in signed if isinstance(signed, list) else ():
        match mark:
            case [int(begin), int(end), str(signature)] if at <= begin <= end <= len(text):
                marks.append((begin, end, signature))
                at = end
            case _:
                return []
    return marks
