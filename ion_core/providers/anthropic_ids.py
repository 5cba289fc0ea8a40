"""Ids and names of calls as Anthropic takes them: ``[a-zA-Z0-9_-]``, at most 64, no id twice.

The mapping is one to one within a request and depends on what came before alone, so that a longer
conversation writes its beginning as the shorter one did.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

from ion_core.messages import ToolCall

_LEGAL = r"[a-zA-Z0-9_-]{1,64}"


class CallIds:
    """Gives each call of a conversation its id on the wire; ask in the order of the calls."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, calls: Sequence[ToolCall]) -> list[str]:
        """The ids of the calls of one message, in order."""
        return [self._of(call.id) for call in calls]

    def _of(self, id_: str) -> str:
        name, again = id_, 0
        while not re.fullmatch(_LEGAL, name) or name in self._taken:
            salted = f"{again}:{id_}".encode("utf-8", "replace")
            name, again = f"toolu_{hashlib.sha256(salted).hexdigest()[:24]}", again + 1
        self._taken.add(name)
        return name
