"""The parts of a Responses answer in the making: words, thoughts and calls.

Each grows by deltas and is settled by its whole item, which has the last word. ``grow`` and
``settle`` answer with the text to show; ``part`` is None where nothing is worth keeping.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from ion_core.ids import CallId
from ion_core.messages import Part, Reasoning, Text, ToolCall
from ion_core.providers.call_ids import new_call_id
from ion_core.providers.fragments import parsed_arguments
from ion_core.providers.wire_json import encoded

MESSAGE, THOUGHT, CALL, CUSTOM = "message", "reasoning", "function_call", "custom_tool_call"

Event: TypeAlias = dict[str, Any]


class Words:
    """A ``message`` item; several texts within it are one text. ``refused`` tells whether any of
    it is a refusal."""

    channel: Literal["text"] = "text"
    kind, name = MESSAGE, ""

    def __init__(self, index: int) -> None:
        self.index, self.settled, self.refused = index, False, False
        self._grown = _Grown()
        self._phase = ""

    def grow(self, event: Event) -> str:
        self.refused = self.refused or "refusal" in text(event.get("type"))
        return self._grown.add(text(event.get("delta")))

    def settle(self, item: Event) -> str:
        self.settled, self._phase = True, text(item.get("phase"))
        parts = [part for part in _list(item.get("content")) if isinstance(part, dict)]
        refusals = [text(part.get("refusal")) for part in parts if part.get("type") == "refusal"]
        self.refused = self.refused or any(refusals)
        said = [text(part.get("text")) or text(part.get("refusal")) for part in parts]
        return self._grown.end("".join(said))

    def part(self, taken: set[str]) -> Part | None:
        if not self._grown.text:
            return None
        return Text(text=self._grown.text, opaque={"phase": self._phase} if self._phase else None)


class Thought:
    """A ``reasoning`` item: a summary in parts, or the raw thoughts (LM Studio, DeepSeek, gpt-oss);
    of an item that has both, what came first is shown. It is kept whole for its replay."""

    channel: Literal["reasoning"] = "reasoning"
    kind, name = THOUGHT, ""

    def __init__(self, index: int) -> None:
        self.index, self.settled = index, False
        self._grown = _Grown()
        self._source, self._place = "", 0
        self._item: Event = {}

    def grow(self, event: Event) -> str:
        source = "summary" if "summary" in text(event.get("type")) else "content"
        if (self._source or source) != source:
            return ""
        place = event.get("summary_index" if source == "summary" else "content_index")
        place = place if isinstance(place, int) else self._place
        gap = "\n\n" if self._source and place != self._place else ""
        self._source, self._place = source, place
        return self._grown.add(gap + text(event.get("delta")))

    def settle(self, item: Event) -> str:
        self.settled, self._item = True, item
        found = {source: _joined(item.get(source)) for source in ("summary", "content")}
        source = self._source or ("summary" if found["summary"] else "content")
        return self._grown.end(found[source])

    def part(self, taken: set[str]) -> Part | None:
        left_out = ("type", "status")
        kept = {name: value for name, value in self._item.items() if name not in left_out}
        opaque = {name: value for name, value in kept.items() if value not in (None, [])}
        if not self._grown.text and not opaque.keys() - {"id"}:
            return None
        return Reasoning(text=self._grown.text, opaque=opaque or None)


class Call:
    """A ``function_call`` item, or a ``custom_tool_call`` whose input is plain text. ``sole`` names
    the one argument of those tools that take a single text: what a model writes for them in plain
    is understood."""

    channel: Literal["arguments"] = "arguments"

    def __init__(self, index: int, item: Event, sole: Mapping[str, str]) -> None:
        self.index, self.settled = index, False
        self.kind, self._sole = text(item.get("type")) or CALL, sole
        self._field = "input" if self.kind == CUSTOM else "arguments"
        self._grown = _Grown()
        self._id = self.name = self._begun = ""
        self._read(item)

    @property
    def id(self) -> str:
        """The id that its server gave it."""
        return self._id

    def grow(self, event: Event) -> str:
        return self._grown.add(text(event.get("delta")))

    def settle(self, item: Event) -> str:
        self.settled = self.settled or "type" in item
        self._read(item)
        return self._grown.end(self._begun)

    def part(self, taken: set[str]) -> Part | None:
        if not self.name and not self._id:
            return None
        name = CallId(self._id) if self._id and self._id not in taken else new_call_id()
        taken.add(name)
        written = self._grown.text or self._begun
        if self.kind == CUSTOM and self.name not in self._sole:
            opaque = {"type": CUSTOM}
            return ToolCall(id=name, name=self.name, arguments={}, malformed=written, opaque=opaque)
        arguments = self._arguments(written)
        if arguments is None:
            return ToolCall(id=name, name=self.name, arguments={}, malformed=written)
        return ToolCall(id=name, name=self.name, arguments=arguments)

    def _arguments(self, written: str) -> dict[str, Any] | None:
        if self.kind == CUSTOM:
            return {self._sole[self.name]: written}
        return parsed_arguments(written)

    def _read(self, item: Event) -> None:
        self._id = text(item.get("call_id")) or self._id
        self.name = text(item.get("name")) or self.name
        written = item.get(self._field)
        if isinstance(written, dict):
            # Some compatibles send the object itself.
            written = encoded(written).decode()
        # LM Studio has been seen to end a call whose arguments it told with none.
        blank = text(written).strip() in ("", "{}")
        self._begun = self._told if blank and self._told else text(written)

    @property
    def _told(self) -> str:
        return self._begun or self._grown.text


Growing: TypeAlias = Words | Thought | Call


class _Grown:
    """What was shown of a part, and what it turned out to be."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._whole = ""

    @property
    def text(self) -> str:
        return self._whole or "".join(self._pieces)

    def add(self, piece: str) -> str:
        self._pieces.append(piece)
        return piece

    def end(self, whole: str) -> str:
        """``whole`` is the text; what of it was not shown yet, if it goes on from that."""
        shown = "".join(self._pieces)
        self._whole = whole
        return self.add(whole[len(shown) :]) if whole.startswith(shown) else ""


def text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _joined(parts: object) -> str:
    """The texts of a summary or of raw thoughts, with blank lines between."""
    found = [text(part.get("text")) for part in _list(parts) if isinstance(part, dict)]
    return "\n\n".join(each for each in found if each)
