"""The answer of a constrained model while it is being written: one action, as an ordinary part."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

import msgspec

from ion_core.messages import Part, Text, ToolCall
from ion_core.providers.actions import ANSWER, APPEND, as_arguments
from ion_core.providers.authoring import is_program
from ion_core.providers.base import PartDelta
from ion_core.providers.call_ids import new_call_id
from ion_core.providers.conversation import Conversation
from ion_core.providers.edit_mend import appended, mended
from ion_core.providers.fields import FieldStream

Instead: TypeAlias = Literal["", "look", "author", "change"]


class ActionAnswer:
    """Part ``index`` of what the model says, after what it was ``told``, with ``tools`` to use.

    ``instead`` is set when it begins to write the content of ``path``, and something else should
    happen. Small models replace files that they should change: so they ``look`` first at one that
    they never looked at, and ``change`` one that others wrote. A new program they ``author`` in a
    request of its own. Nothing of such a write is shown.
    """

    def __init__(self, index: int, told: Conversation, tools: frozenset[str]) -> None:
        self.index, self.text, self.path = index, "", ""
        self.instead: Instead = ""
        self._told, self._tools = told, tools
        self._fields, self._tool, self._field = FieldStream(), "", ""

    def feed(self, text: str) -> Iterator[PartDelta]:
        """More of the text; what it adds."""
        for field, piece in self._fields.feed(text):
            if field == "tool":
                self._tool += piece
            elif self._tool == ANSWER:
                yield PartDelta(index=self.index, channel="text", text=piece)
            elif self._tool == "write":
                yield from self._write(field, piece)
            else:
                yield self._argument(field, piece)

    def _write(self, field: str, piece: str) -> Iterator[PartDelta]:
        if field == "path":
            self.path += piece
        elif not self._field:
            self.instead = self._better()
            if not self.instead:
                yield self._argument("path", self.path)
        if field != "path" and not self.instead:
            yield self._argument(field, piece)

    def _better(self) -> Instead:
        if self.path not in self._told.looked_at:
            return "look" if "read" in self._tools else ""
        if self.path not in self._told.files:
            return "author" if is_program(self.path) else ""
        if self.path in self._told.own or self.path not in self._told.filled:
            return ""
        return "change" if "edit" in self._tools else ""

    def _argument(self, field: str, piece: str) -> PartDelta:
        text = msgspec.json.encode(piece).decode()[1:-1]
        if field != self._field:
            start = '", ' if self._field else "{"
            text, self._field = f'{start}"{field}": "{text}', field
        tool = "edit" if self._tool == APPEND else self._tool
        return PartDelta(index=self.index, channel="arguments", text=text, tool=tool)

    def part(self, *, cut: bool) -> Part:
        """The whole. An action that was cut off is a malformed call, which nobody runs."""
        try:
            fields = msgspec.json.decode(self.text, type=dict[str, Any])
        except msgspec.DecodeError:
            return self._broken(cut)
        tool = str(fields.get("tool", ANSWER))
        if tool == ANSWER:
            return Text(text=str(fields.get("text", "")))
        if tool in ("edit", APPEND):
            tool = "edit"
            self._mend(fields)
        return ToolCall(id=new_call_id(), name=tool, arguments=as_arguments(tool, fields))

    def _mend(self, fields: dict[str, Any]) -> None:
        text = self._told.files.get(str(fields.get("path", "")), "")
        if "text" in fields:
            old, new = appended(str(fields.pop("text")), text)
        else:
            old, new = mended(str(fields.get("old", "")), str(fields.get("new", "")), text)
        fields["old"], fields["new"] = old, new

    def _broken(self, cut: bool) -> Part:
        if cut and self._tool not in ("", ANSWER):
            return ToolCall(id=new_call_id(), name=self._tool, arguments={}, malformed=self.text)
        said = "".join(piece for field, piece in FieldStream().feed(self.text) if field == "text")
        return Text(text=said or self.text)
