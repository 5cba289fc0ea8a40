"""Ids of calls as one vendor takes them: each call of a request has its own, and keeps it.

An id that is legal stays as it is. Others, and those that a second call has (ids are unique within
one answer only), become digests: the same in every request of a conversation that grows, so that
its beginning never changes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from itertools import count

_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_SIZE = 24


def legal_name(name: str) -> str:
    """The name of a tool as OpenAI and Anthropic take it, also of one that a model made up."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64] or "unknown"


class LegalIds:
    """The ids of one request. ``size`` is the exact length that is wanted, in letters and digits;
    0 allows up to ``longest`` characters, as OpenAI does."""

    def __init__(self, size: int = 0, longest: int = 40) -> None:
        self._size = size
        plain = rf"[a-zA-Z0-9_-]{{1,{longest}}}"
        self._legal = f"[a-zA-Z0-9]{{{size}}}" if size else plain
        self._given: dict[str, str] = {}
        self._open: dict[str, list[str]] = {}
        self._taken: set[str] = set()

    def called(self, call: str, *, own: bool = False) -> str:
        """The id of a call, which nothing before it has. The vendor's ``own`` are legal, unless
        it counts letters: then a missing one was made up here."""
        kept = own and not self._size
        given = next(each for each in self._candidates(call, kept) if each not in self._taken)
        self._taken.add(given)
        self._given[call] = given
        self._open.setdefault(call, []).append(given)
        return given

    def answered(self, call: str) -> str:
        """The id of the first call that had this one and no answer yet, else of the last."""
        waiting = self._open.get(call)
        return waiting.pop(0) if waiting else self._given.get(call) or self.called(call)

    def _candidates(self, call: str, kept: bool) -> Iterator[str]:
        if call and (kept or re.fullmatch(self._legal, call)):
            yield call
        for number in count():
            yield self._digest(f"{call}#{number}" if number else call)

    def _digest(self, text: str) -> str:
        number = int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest())
        digits = []
        for _ in range(self._size or _SIZE):
            number, rest = divmod(number, len(_DIGITS))
            digits.append(_DIGITS[rest])
        return "".join(digits)
