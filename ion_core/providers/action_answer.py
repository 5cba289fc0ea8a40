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

Instead: TypeAlias = Literal["", "look", "author"]


class ActionAnswer:
    """Part ``index`` of what the model says, after what it was ``told``.

    ``instead`` is set when it begins to write the content of ``path``, and something else should
    happen: ``look`` first at a file that it never looked at (small models replace files that they
    should change), or ``author`` a new program in a request of its own.
    """

    def __init__(self, index: int, told: Conversation) -> None:
        self.index, self.text, self.path = index, "", ""
        self.instead: Instead = ""
        self._told = told
        self._fields, self._tool, self._field = FieldStream(), "", ""

    def feed(self, text: str) -> Iterator[PartDelta]:
        """More of the text; what it adds."""
        for field, piece in self._fields.feed(text):
            if field == "tool":
                self._tool += piece
            elif self._tool == ANSWER:
                yield PartDelta(index=self.index, channel="text", text=piece)
            elif not self._stops_at(field):
                self.path += piece if field == "path" else ""
                yield self._argument(field, piece)

    def _stops_at(self, field: str) -> bool:
        if self._tool == "write" and field == "content" and not self.instead:
            if self.path not in self._told.looked_at:
                self.instead = "look"
            elif is_program(self.path) and self.path not in self._told.files:
                self.instead = "author"
        return bool(self.instead)

    def _argument(self, field: str, piece: str) -> PartDelta:
        text = msgspec.json.encode(piece).decode()[1:-1]
        if field != self._field:
            start = '", ' if self._field else "{"
            text, self._field = f'{start}"{field}": "{text}', field
        return PartDelta(index=self.index, channel="arguments", text=text, tool=self._tool)

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
