from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ion_core.bus import merge
from ion_core.events import Emitted, Event
from ion_core.ids import SessionId
from ion_core.view import SessionView
from tests.fakes import values

SESSION = SessionId("s")


def emitted(events: list[Event], first: int = 1) -> list[Emitted]:
    return [
        Emitted(session=SESSION, seq=first + i, at=float(first + i), event=event)
        for i, event in enumerate(events)
    ]


def fold(events: list[Emitted], view: SessionView | None = None) -> SessionView:
    view = view or SessionView(session=SESSION)
    for event in events:
        view.apply(event)
    return view


many = st.lists(values.events, max_size=12)


@given(many, many)
def test_folding_two_halves_equals_folding_the_whole(a: list[Event], b: list[Event]) -> None:
    whole = emitted([*a, *b])
    assert fold(whole) == fold(whole[len(a) :], fold(whole[: len(a)]))


@given(many, many)
def test_a_snapshot_is_a_view_of_its_own(a: list[Event], b: list[Event]) -> None:
    whole = emitted([*a, *b])
    live = fold(whole[: len(a)])
    copy = live.snapshot()
    fold(whole[len(a) :], live)
    assert copy == fold(whole[: len(a)])
    assert fold(whole[len(a) :], copy) == live


@given(many)
def test_events_that_were_seen_change_nothing(events: list[Event]) -> None:
    once = fold(emitted(events))
    assert fold(emitted(events), fold(emitted(events))) == once


@given(st.lists(values.deltas, max_size=20))
def test_merged_deltas_equal_unmerged_ones(deltas: list[Event]) -> None:
    merged: list[Emitted] = []
    for item in emitted(deltas):
        both = merge(merged[-1].event, item.event) if merged else None
        if both is None:
            merged.append(item)
        else:
            merged[-1] = Emitted(session=SESSION, seq=item.seq, at=item.at, event=both)
    assert fold(merged) == fold(emitted(deltas))
