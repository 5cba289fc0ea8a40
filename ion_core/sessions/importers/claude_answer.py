"""One answer of Claude, gathered from the lines that share its message id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ion_core.messages import Message, Origin, Part, StopReason, ToolCall
from ion_core.sessions.importers.base import Found, Imported, LeftOut, Paid
from ion_core.sessions.importers.wire import Record, count, words
from ion_core.usage import Usage

_STOPS: Mapping[str, StopReason] = {
    "end_turn": "end_turn",
    "stop_sequence": "end_turn",
    "tool_use": "tool_use",
    "max_tokens": "max_tokens",
    "refusal": "refusal",
    "pause_turn": "pause",
    "model_context_window_exceeded": "context_overflow",
}
_NOBODY = "<synthetic>"
"""The model of what the program said itself, such as an error of the API."""


class Answer:
    """``id`` is the uuid of its first line. The last line's usage and stop are the true ones."""

    def __init__(self, message: str, line: int, id: str, parent: str | None, at: float) -> None:
        self.message, self.id = message, id
        self._line, self._parent, self._at = line, parent, at
        self._parts: list[Part] = []
        self._told: Record = {}

    def add(self, message: Record, parts: tuple[Part, ...]) -> None:
        """One more of its lines."""
        self._parts += parts
        self._told = message

    @property
    def calls(self) -> list[ToolCall]:
        """Its calls so far."""
        return [part for part in self._parts if isinstance(part, ToolCall)]

    def values(self) -> Iterator[Imported]:
        """The entry and what it cost. Claude Code writes no cost; prices change, and none is
        guessed."""
        if not self._parts:
            yield LeftOut(what="answer without words")
            return
        usage, model = self._usage(), words(self._told.get("model") or "")
        body = Message(
            role="assistant",
            parts=tuple(self._parts),
            origin=Origin(protocol="anthropic", provider="anthropic", base_url="", model=model),
            stop=self._stop(model),
            usage=usage,
        )
        yield Found(line=self._line, id=self.id, parent=self._parent, at=self._at, body=body)
        if usage is not None and usage.total and model != _NOBODY:
            yield Paid(
                entry=self.id,
                provider="anthropic",
                model=model,
                usage=usage,
                cost_nano=None,
                at=self._at,
            )

    def _stop(self, model: str) -> StopReason:
        if model == _NOBODY:
            return "error"
        stop = self._told.get("stop_reason")
        return _STOPS.get(stop or "", "tool_use" if self.calls else "end_turn")

    def _usage(self) -> Usage | None:
        told = self._told.get("usage")
        if not isinstance(told, dict):
            return None
        return Usage(
            input=count(told.get("input_tokens")),
            output=count(told.get("output_tokens")),
            cache_read=count(told.get("cache_read_input_tokens")),
            cache_write=count(told.get("cache_creation_input_tokens")),
        )
