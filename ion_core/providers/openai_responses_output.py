"""The output of a Responses answer: its items, each in its place.

Servers tell of an item by its place in the output; some give no place, or the same one to all, and
some change an item's id from event to event. The rules here survive all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ion_core.providers.openai_responses_parts import (
    CALL,
    CUSTOM,
    MESSAGE,
    THOUGHT,
    Call,
    Event,
    Growing,
    Thought,
    Words,
    text,
)

KINDS = (MESSAGE, THOUGHT, CALL, CUSTOM)
"""The items that become parts; all others are only run, and only understood, by the server."""


class Output:
    """``items`` are in the order in which they began. ``sole`` as in :class:`Call`."""

    def __init__(self, sole: Mapping[str, str]) -> None:
        self._sole = sole
        self.items: list[Growing] = []
        self._places: dict[int, Growing] = {}

    def announced(self, event: Event, item: Event) -> Growing | None:
        """The item that an event announces; None where it was announced before, or is no part."""
        known = self._places.get(_place(event))
        if known is not None and not known.settled and _same(known, item):
            return None
        return self._open(item, _place(event))

    def going_on(self, event: Event, kind: str) -> Growing:
        """The item that an event goes on with; one that nobody announced begins with it."""
        known = self._places.get(_place(event))
        if known is not None and known.kind == kind:
            return known
        latest = self.items[-1] if self.items else None
        if "output_index" not in event and latest is not None and latest.kind == kind:
            return latest
        opened = self._open({"type": kind}, _place(event))
        assert opened is not None  # it is one of the kinds
        return opened

    def ending(self, event: Event, item: Event) -> Growing | None:
        """The item that an event ends with ``item``, perhaps a new one; None where that was said
        before, or where it is no part."""
        if item.get("type") not in KINDS:
            return None
        known = self._places.get(_place(event))
        if known is not None and not known.settled and _same(known, item):
            return known
        if known is not None and _same(known, item) and "output_index" in event:
            return None
        unsettled = (each for each in self.items if not each.settled and _same(each, item))
        return next(unsettled, None) or self._open(item, _place(event))

    def untold(self, output: list[Any]) -> Iterator[tuple[Event, Event]]:
        """The items of a whole ``output`` that were not told, or not to their end, each with an
        event that would end it."""
        begun = bool(self.items)
        for place, item in enumerate(output):
            if not isinstance(item, dict):
                continue
            known = self._places.get(place)
            is_open = known is not None and not known.settled and _same(known, item)
            if is_open or not begun:
                yield {"output_index": place}, item

    def _open(self, item: Event, place: int) -> Growing | None:
        opened: Growing
        match item.get("type"):
            case "message":
                opened = Words(len(self.items))
            case "reasoning":
                opened = Thought(len(self.items))
            case "function_call" | "custom_tool_call":
                opened = Call(len(self.items), item, self._sole)
            case _:
                # It has its place, and nothing follows.
                self._places.pop(place, None)
                return None
        self.items.append(opened)
        self._places[place] = opened
        return opened


def _same(known: Growing, item: Event) -> bool:
    """Whether an item can be the one that is known: of its type, and no other call."""
    if known.kind != item.get("type"):
        return False
    given = text(item.get("call_id"))
    return not (isinstance(known, Call) and known.id and given) or known.id == given


def _place(event: Event) -> int:
    place = event.get("output_index")
    return place if isinstance(place, int) else -1
