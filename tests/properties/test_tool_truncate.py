"""Laws of excerpts: within the limit, a true beginning and a true end, however they were fed."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ion_core.tools.truncate import Excerpt, clip, plain

LIMIT = 1_000

lines = st.lists(st.text(alphabet="ab é\r", max_size=300), max_size=60).map("\n".join)


@given(text=lines)
def test_an_excerpt_is_never_longer_than_its_limit(text: str) -> None:
    assert len(clip(text, LIMIT, "/some/file")) <= LIMIT


@given(text=lines)
def test_an_excerpt_is_a_beginning_and_an_end(text: str) -> None:
    cut = clip(text, LIMIT)
    if len(text) <= LIMIT:
        assert cut == text
        return
    head, _, rest = cut.partition("[… ")
    gap, _, tail = rest.partition(" …]\n")
    missing = int(gap.split()[0].replace(",", ""))
    kept = head if text.startswith(head) else head[:-1]
    assert text.startswith(kept)
    assert text.endswith(tail)
    assert len(kept) + missing + len(tail) == len(text)


@given(text=lines, cuts=st.lists(st.integers(0, 5_000), max_size=20))
def test_how_it_was_fed_makes_no_difference(text: str, cuts: list[int]) -> None:
    excerpt = Excerpt(LIMIT)
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    for start, end in pairwise(places):
        excerpt.feed(text[start:end])
    assert excerpt.text() == clip(text, LIMIT)


@given(text=st.text())
def test_plain_text_holds_no_escape_and_is_plain_for_good(text: str) -> None:
    once = plain(text)
    assert not any(char in once for char in "\x1b\r\x00\x07\x9b")
    assert plain(once) == once
