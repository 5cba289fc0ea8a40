"""Laws of sanitising: the cut does not matter, twice is once, and no control survives."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from ion_tui.render.sanitize import Sanitizer, sanitize

HOSTILE = list("\u0627\u06a9\x1b\x9b\x9d\x9c\x07\r\n\t[]P0;m\\é\u0301\u200d\u202e👩ab\x18\x00\x85 ")
texts = st.lists(st.sampled_from(HOSTILE), max_size=40).map("".join)


@given(st.lists(texts, max_size=6))
@example(["\u0301\x18", "\u0301"])
@example(["👩\x18", "\u200d👩"])
def test_text_in_pieces_is_sanitised_like_the_whole(pieces: list[str]) -> None:
    sanitizer = Sanitizer()
    shown = "".join(map(sanitizer.feed, pieces)) + sanitizer.close()
    assert shown == sanitize("".join(pieces))


@given(texts)
@example("\u0627\x9d\u200d\u06a9")
def test_sanitising_twice_changes_nothing_more(text: str) -> None:
    once = sanitize(text)
    assert sanitize(once) == once
    assert all(char in "\n\t" or char.isprintable() for char in once)
