from __future__ import annotations

from typing import get_args

from hypothesis import given

from ion_core import codec
from ion_core.entries import Body, Entry
from ion_core.events import Emitted, Event
from ion_core.ids import SessionId
from ion_core.messages import Text
from tests.fakes import values


@given(values.events)
def test_every_event_comes_back_as_it_was(event: Event) -> None:
    emitted = Emitted(session=SessionId("s"), seq=7, at=1.5, event=event)
    assert codec.decode_event(codec.encode(event)) == event
    assert codec.decode_emitted(codec.encode(emitted)) == emitted


@given(values.entries)
def test_every_entry_comes_back_as_it_was(entry: Entry) -> None:
    assert codec.decode_entry(codec.encode(entry)) == entry
    assert codec.decode_body(codec.encode(entry.body)) == entry.body


def test_an_encoded_event_is_one_line_with_its_envelope_first() -> None:
    event = next(iter(get_args(Event)))()
    line = codec.encode(Emitted(session=SessionId("s"), seq=1, at=2.0, event=event))
    assert line == (
        b'{"type":"event","v":1,"session":"s","seq":1,"at":2.0,"parent":null,'
        b'"event":{"kind":"turn_started"}}'
    )


def test_kinds_are_the_class_names_in_snake_case() -> None:
    for kind in (*get_args(Event), *get_args(Body)):
        name = "".join("_" + c.lower() if c.isupper() else c for c in kind.__name__).lstrip("_")
        assert kind.__struct_config__.tag == name


def test_a_lone_surrogate_is_replaced_and_nothing_is_lost() -> None:
    assert codec.encode(Text(text="a\ud800b")) == '{"kind":"text","text":"a\ufffdb"}'.encode()
