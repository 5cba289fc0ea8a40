"""Ids and names of calls within one request: legal, and no two calls with the same id.

Servers give ids of many shapes, some give the same one again in a later answer (Bedrock), and a
conversation may come from several servers. An id is kept where it can be; elsewhere it is replaced
by one that is the same each time, so that the request stays a prefix of the next.
"""

from __future__ import annotations

import hashlib
import re

_LEGAL = r"[a-zA-Z0-9_-]{1,64}"


def digest(text: str) -> str:
    """A short name of ``text``: 24 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]


def legal_name(name: str) -> str:
    """The name of a tool, also of one that a model made up."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64] or "unknown"


class CallIds:
    """The ids of one request, given while it is written from its beginning."""

    def __init__(self) -> None:
        self._given: set[str] = set()
        self._current: dict[str, str] = {}

    def begin(self) -> None:
        """Another answer begins: what was called before has been answered."""
        self._current = {}

    def name(self, call: str) -> str:
        """The id that a call goes out with."""
        written = call if re.fullmatch(_LEGAL, call) else f"call_{digest(call)}"
        count = 1
        while written in self._given:
            count += 1
            written = f"call_{digest(f'{call}#{count}')}"
        self._given.add(written)
        self._current[call] = written
        return written

    def known(self, call: str) -> str:
        """The id of a call of the current answer, for its result."""
        return self._current[call]
