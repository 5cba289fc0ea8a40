"""The blocks of an answer while they are being written.

Words, thoughts and calls become parts of their own. Every other kind (a thought that is sealed,
what the server's own tools did, a summary of the server's) is kept as it came: it is not for
people, and nothing of it is executed.
"""

from __future__ import annotations

from typing import Any

from ion_core.events import Channel
from ion_core.ids import CallId
from ion_core.messages import Part, Reasoning, Text, ToolCall
from ion_core.providers.anthropic_messages import BLOCK
from ion_core.providers.call_ids import new_call_id
from ion_core.providers.fragments import parsed_arguments
from ion_core.providers.wire_json import encoded

CHANNELS: dict[str, Channel] = {"text": "text", "thinking": "reasoning", "tool_use": "arguments"}
"""The blocks that people see, and where."""

_DELTAS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("", "partial_json"),
    "compaction_delta": ("compaction", "content"),
}
"""Of each delta: the kind of block that it belongs to ("" for every kind), and its field."""


class WireBlock:
    """One block. ``index`` is that of its part in the answer."""

    def __init__(self, index: int, begun: dict[str, Any]) -> None:
        self.index, self.kind = index, text_of(begun.get("type"))
        self.name = text_of(begun.get("name"))
        self.ended = False
        self._begun = begun
        self._signature = text_of(begun.get("signature"))
        first = text_of(begun.get(self.kind)) if self.kind in ("text", "thinking") else ""
        self._pieces = [first] if first else []

    @property
    def channel(self) -> Channel | None:
        """Where people see it grow, None for what they do not see."""
        return CHANNELS.get(self.kind)

    @property
    def text(self) -> str:
        """What was written of it so far."""
        return "".join(self._pieces)

    def add(self, delta: dict[str, Any]) -> str:
        """Take a delta; the text that it added. A delta for another kind of block adds nothing."""
        kind = text_of(delta.get("type"))
        if kind == "signature_delta":
            self._signature += text_of(delta.get("signature"))
        belongs, field = _DELTAS.get(kind, ("", ""))
        piece = text_of(delta.get(field)) if belongs in ("", self.kind) else ""
        if piece:
            self._pieces.append(piece)
        return piece

    def end(self) -> str:
        """It is complete. The arguments that it began with, where none were written since."""
        given = self._begun.get("input")
        self.ended = True
        if self._pieces or not given or self.kind != "tool_use":
            return ""
        self._pieces = [given if isinstance(given, str) else encoded(given).decode()]
        return self._pieces[0]

    def repeats(self, begun: dict[str, Any]) -> bool:
        """Whether a beginning is this block's own again, before anything else came."""
        return not self.ended and not self._pieces and begun == self._begun

    def misses(self, kind: str) -> bool:
        """Whether words of a ``kind`` can be no part of it, though people are to see them."""
        return self.channel is not None and self.kind != kind

    def part(self, taken: set[str]) -> Part | None:
        """What it is, None when it is nothing. An id that is missing or in ``taken`` is replaced by
        a fresh one."""
        match self.kind:
            case "text":
                return Text(text=self.text) if self.text else None
            case "thinking":
                signature = self._signature or None
                thought = Reasoning(text=self.text, signature=signature)
                return thought if self.text or signature else None
            case "tool_use":
                return self._call(taken)
            case "":
                return None
            case _:
                return Reasoning(text="", opaque={BLOCK: self._whole()})

    def _call(self, taken: set[str]) -> ToolCall:
        given = text_of(self._begun.get("id"))
        id_ = CallId(given) if given and given not in taken else new_call_id()
        taken.add(id_)
        arguments = parsed_arguments(self.text)
        if arguments is None:
            return ToolCall(id=id_, name=self.name, arguments={}, malformed=self.text)
        return ToolCall(id=id_, name=self.name, arguments=arguments)

    def _whole(self) -> dict[str, Any]:
        if not self._pieces:
            return self._begun
        if self.kind == "compaction":
            return self._begun | {"content": self.text}
        return self._begun | {"input": parsed_arguments(self.text) or {}}


def text_of(value: object) -> str:
    """``value`` where it is text, else none."""
    return value if isinstance(value, str) else ""
