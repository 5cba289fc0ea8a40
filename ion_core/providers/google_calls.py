"""The calls of one of Gemini's answers.

A call usually comes whole, in one part. Vertex AI may be asked to stream it: first its name, then
pieces of its arguments, then an empty part, or nothing more. Ids are Gemini's own where it gives
any, and unique in any case.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ion_core.ids import CallId
from ion_core.messages import ToolCall
from ion_core.providers.base import Chunk, PartDelta, PartDone
from ion_core.providers.call_ids import new_call_id
from ion_core.providers.fragments import parsed_arguments
from ion_core.providers.google_partial import PartialArguments
from ion_core.providers.google_signed import ID, SIGNATURE
from ion_core.providers.wire_json import encoded


class Calling:
    """One call. ``index`` is that of its part in the answer; it is ``open`` while more may come."""

    def __init__(self, index: int, name: str) -> None:
        self.index, self.name, self.open = index, name, True
        self.id, self.signature = "", ""
        self._streamed = PartialArguments()
        self._malformed: str | None = None

    def add(self, call: dict[str, Any], signature: str) -> None:
        """Take the ``functionCall`` of a part; it ends the call unless it says otherwise."""
        self.id = self.id or _text(call.get("id"))
        self.signature = self.signature or signature
        self._take(call.get("args"))
        pieces = call.get("partialArgs")
        for piece in pieces if isinstance(pieces, list) else ():
            self._streamed.add(piece)
        self.open = bool(call.get("willContinue"))

    def call(self, taken: set[str], *, cut: bool) -> ToolCall:
        """The whole call. One that was ``cut`` off before its end is malformed; an id that is
        missing or in ``taken`` is replaced by a fresh one."""
        name = CallId(self.id)
        if not name or name in taken:
            name = new_call_id()
        taken.add(name)
        opaque = {ID: self.id} if self.id else {}
        opaque |= {SIGNATURE: self.signature} if self.signature else {}
        malformed = self._malformed
        if not self._streamed.whole or (cut and self.open):
            malformed = malformed or self.written
        arguments = self._streamed.value if malformed is None else {}
        return ToolCall(
            id=name,
            name=self.name,
            arguments=arguments,
            malformed=malformed,
            opaque=opaque or None,
        )

    @property
    def written(self) -> str:
        """Its arguments as text."""
        return self._malformed or encoded(self._streamed.value).decode()

    def _take(self, arguments: object) -> None:
        if isinstance(arguments, str):
            # Proxies have been seen to send the JSON of the object.
            parsed = parsed_arguments(arguments)
            self._malformed = arguments if parsed is None else None
            arguments = parsed
        if isinstance(arguments, dict):
            self._streamed.value.update(arguments)
        elif isinstance(arguments, list) and arguments:
            self._malformed = encoded(arguments).decode()


class Calls:
    """The calls of an answer, in order."""

    def __init__(self) -> None:
        self.all: list[Calling] = []

    def goes_on(self, call: dict[str, Any]) -> bool:
        """Whether a part belongs to the call before it: that is open, and the part has no name, or
        the same one under the same id."""
        last = self.all[-1] if self.all else None
        if last is None or not last.open:
            return False
        name, given = _text(call.get("name")), _text(call.get("id"))
        return not name or (name == last.name and given == last.id != "")

    def take(self, call: dict[str, Any], signature: str, index: int) -> Iterator[Chunk]:
        """What a ``functionCall`` adds; ``index`` is for a call that begins with it. Its arguments
        are told once they are whole."""
        if self.goes_on(call):
            calling = self.all[-1]
        elif not call.get("name"):
            # The end of a call that ended before.
            return
        else:
            yield from self.close()
            calling = Calling(index, _text(call.get("name")))
            self.all.append(calling)
            yield _delta(calling, "")
        calling.add(call, signature)
        if not calling.open:
            yield _delta(calling, calling.written)

    def close(self) -> Iterator[Chunk]:
        """End a call that is still open: nothing more can come."""
        if self.all and self.all[-1].open:
            self.all[-1].open = False
            yield _delta(self.all[-1], self.all[-1].written)

    def parts(self, *, cut: bool) -> Iterator[Chunk]:
        """Every call, done. In an answer that was ``cut`` off, an open one is malformed."""
        taken: set[str] = set()
        if self.all and self.all[-1].open:
            yield _delta(self.all[-1], self.all[-1].written)
        for calling in self.all:
            yield PartDone(index=calling.index, part=calling.call(taken, cut=cut))


def _delta(calling: Calling, text: str) -> PartDelta:
    return PartDelta(index=calling.index, channel="arguments", text=text, tool=calling.name)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
