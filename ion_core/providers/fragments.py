"""Tool calls, put together from the fragments in which they are streamed.

Vendors differ in how they say which call a fragment belongs to; the rules here survive all of
them. Arguments are read once, at the end: empty ones are no arguments, and text that is not a
JSON object makes the call a malformed one.
"""

from __future__ import annotations

import os
from typing import Any

import msgspec

from ion_core.ids import CallId
from ion_core.messages import ToolCall
from ion_core.providers.wire_json import decoded

SEALED = "extra_content"
"""Where Google's compatible endpoint keeps the thought signature of a call."""


class Fragments:
    """One call in the making. ``index`` is that of its part in the answer."""

    def __init__(self, index: int) -> None:
        self.index, self.id, self.name = index, "", ""
        self._pieces: list[str] = []
        self._sealed: dict[str, Any] = {}

    def add(self, call: dict[str, Any]) -> str:
        """Take a fragment; the argument text that it added."""
        function = _dict(call.get("function"))
        self.id = self.id or _text(call.get("id"))
        self.name = self.name or _text(function.get("name"))
        self._sealed |= _dict(call.get(SEALED))
        arguments = function.get("arguments")
        if isinstance(arguments, dict | list):
            # Ollama sends an object where the others send its JSON.
            arguments = msgspec.json.encode(arguments).decode()
        piece = _text(arguments)
        self._pieces.append(piece)
        return piece

    def call(self, taken: set[str]) -> ToolCall:
        """The whole call. An id that is missing or in ``taken`` is replaced by a fresh one."""
        name = CallId(self.id)
        if not name or name in taken:
            name = CallId(f"call_{os.urandom(9).hex()}")
        taken.add(name)
        written = "".join(self._pieces)
        arguments, broken = parsed_arguments(written), None
        if arguments is None:
            arguments, broken = {}, written
        opaque = {SEALED: self._sealed} if self._sealed else None
        return ToolCall(
            id=name, name=self.name, arguments=arguments, malformed=broken, opaque=opaque
        )


class CallTable:
    """Finds the call that a fragment belongs to: by its index, else its id, else its position."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, Any], Fragments] = {}
        self.calls: list[Fragments] = []

    def find(self, call: dict[str, Any], position: int) -> Fragments | None:
        """The call that ``call``, in place ``position`` of its chunk, goes on with; None when it
        begins another."""
        found = self._by_key.get(_keys(call, position)[0])
        return None if found is None or _begins_anew(found, call) else found

    def open(self, call: dict[str, Any], position: int, index: int) -> Fragments:
        """A new call as part ``index`` of the answer. What goes on with it may name it by less than
        its beginning did."""
        made = Fragments(index)
        self._by_key |= dict.fromkeys(_keys(call, position), made)
        self.calls.append(made)
        return made

    def finished(self) -> list[tuple[int, ToolCall]]:
        """Every call with the index of its part; ids are unique."""
        taken: set[str] = set()
        return [(fragments.index, fragments.call(taken)) for fragments in self.calls]


def _keys(call: dict[str, Any], position: int) -> list[tuple[str, Any]]:
    """Every way to name a call, the surest first."""
    keys: list[tuple[str, Any]] = [("position", position)]
    if given := _text(call.get("id")):
        keys.insert(0, ("id", given))
    if isinstance(index := call.get("index"), int):
        keys.insert(0, ("index", index))
    return keys


def _begins_anew(known: Fragments, call: dict[str, Any]) -> bool:
    """Whether a fragment under a known key is a call of its own: it has a name, and another id
    (or, where only its place tells, the known call has a name already)."""
    name = _text(_dict(call.get("function")).get("name"))
    if not name:
        return False
    given = _text(call.get("id"))
    if given and known.id:
        return given != known.id
    return bool(known.name) and not isinstance(call.get("index"), int)


def parsed_arguments(written: str) -> dict[str, Any] | None:
    """The arguments that a text says, or None when it is not a JSON object."""
    if not written.strip():
        return {}
    half, odd = divmod(len(written), 2)
    if not odd and written[:half] == written[half:]:
        # Some servers of vLLM tell the whole again at the end.
        written = written[:half]
    try:
        value = decoded(written)
        # Some models encode their object twice.
        value = decoded(value) if isinstance(value, str) else value
    except msgspec.DecodeError:
        return None
    if value is None:
        return {}
    return value if isinstance(value, dict) else None


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
