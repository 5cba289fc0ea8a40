from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ion_core.providers.sse import SseEvent, SseParser


def parsed(*pieces: bytes) -> list[SseEvent]:
    parser = SseParser()
    return [event for piece in pieces for event in parser.feed(piece)]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_all_three_line_ends_end_lines(end: bytes) -> None:
    stream = end.join([b"data: a", b"data: b", b"", b"event: x", b"data:c", b"", b""])
    assert parsed(stream) == [SseEvent("a\nb"), SseEvent("c", "x")]
    assert parsed(*(bytes([byte]) for byte in stream)) == parsed(stream)


def test_a_crlf_cut_in_two_is_one_line_end() -> None:
    assert parsed(b"data: a\r", b"\ndata: b\r", b"\n\r", b"\n") == [SseEvent("a\nb")]


def test_comments_and_unknown_fields_say_nothing() -> None:
    assert parsed(b": PROCESSING\n\nid: 7\nretry: 10\nnonsense\ndata: x\n\n") == [SseEvent("x")]


def test_an_event_without_its_blank_line_is_dropped() -> None:
    assert parsed(b"data: whole\n\ndata: half\n") == [SseEvent("whole")]


def test_one_space_after_the_colon_is_not_data() -> None:
    assert parsed(b"data:  two\n\ndata\n\n") == [SseEvent(" two"), SseEvent("")]


def test_unicode_separators_do_not_end_a_line() -> None:
    text = "a\u2028b\u2029c\u0085d\x0be\x1cf"
    assert parsed(f"data: {text}\n\n".encode()) == [SseEvent(text)]


def test_a_byte_order_mark_is_no_part_of_the_first_field() -> None:
    assert parsed(b"\xef\xbb", b"\xbfdata: x\n\n") == [SseEvent("x")]


def test_bytes_that_are_not_utf8_become_replacement_characters() -> None:
    assert parsed(b"data: a\xffb\n\n") == [SseEvent("a\ufffdb")]


LINES = st.lists(
    st.one_of(
        st.just(""),
        st.just(": comment"),
        st.text(alphabet="aé😀\u2028 :", max_size=8).map(lambda text: f"data: {text}"),
        st.just("event: error"),
    ),
    max_size=12,
)


@given(lines=LINES, end=st.sampled_from(["\n", "\r\n", "\r"]), data=st.data())
def test_the_cut_never_changes_the_events(lines: list[str], end: str, data: st.DataObject) -> None:
    stream = end.join([*lines, ""]).encode()
    places = data.draw(st.sets(st.integers(0, len(stream)), max_size=10))
    edges = [0, *sorted(places), len(stream)]
    pieces = [stream[a:b] for a, b in pairwise(edges)]
    assert parsed(*pieces) == parsed(stream)
