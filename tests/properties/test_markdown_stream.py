"""Laws of typesetting: how a text arrives changes nothing, and every row is as wide as the page."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ion_tui import themes
from ion_tui.render.cells import cells, fold, wrap
from ion_tui.render.growth import Growth
from ion_tui.render.inks import inks
from ion_tui.render.rows import Page, Row
from ion_tui.render.speech import Told
from ion_tui.render.split import Splitter, split
from ion_tui.render.story import Story

INKS = inks(themes.load())
LINES = [
    "Some prose with **bold**, `code` and a [link](https://example.com/a).",
    "日本語の文章はここで折り返されます。とても長い文章です。",
    "family 👨‍👩‍👧 and flag 🇩🇪 and é ok",
    "# Heading", "### Smaller", "Title", "===",
    "- item", "  - nested item", "10. tenth", "   continued", "* [ ] task", "- [x] done",
    "```python", "```", "~~~", "    def f(x): return x", "def g():", "\tindented",
    "| a | b |", "|---|--:|", "| 1 | two words |", "> quoted", "> - list in quote", "---",
    "  ```sh", "  ls -la", "  ```", "", "", "",
]  # fmt: skip
documents = st.lists(st.sampled_from(LINES), max_size=60).map("\n".join)
cuts = st.lists(st.integers(1, 7), min_size=1, max_size=50)


def pieces(text: str, sizes: list[int]) -> list[str]:
    found, at, turn = [], 0, 0
    while at < len(text):
        size = sizes[turn % len(sizes)]
        found.append(text[at : at + size])
        at, turn = at + size, turn + 1
    return found


def look(rows: list[Row]) -> list[tuple[str, int, str | None]]:
    return [(row.strip.text, row.gutter, row.join) for row in rows]


@given(documents, cuts)
@settings(max_examples=200, deadline=None)
def test_any_way_of_feeding_a_text_gives_the_same_chunks(text: str, sizes: list[int]) -> None:
    splitter, chunks = Splitter(), []
    for piece in pieces(text, sizes):
        chunks += splitter.feed(piece)
        splitter.tail()
    assert chunks + splitter.close() == split(text)


@given(documents, cuts, st.sampled_from([24, 80, 120]))
@settings(max_examples=100, deadline=None)
def test_a_streamed_answer_ends_as_if_it_had_come_at_once(
    text: str, sizes: list[int], width: int
) -> None:
    page, growth, so_far = Page(width, INKS), Growth("text"), ""
    story = Story(page)
    for piece in pieces(text, sizes):
        so_far += piece
        for content in growth.take(so_far):
            story.append(content)
    for content in growth.close(so_far, None):
        story.append(content)
    streamed = [row for position in range(len(story)) for row in story.draw(position)]
    assert look(streamed[1:]) == look(Told(text).draw(page))


@given(documents, st.sampled_from([20, 37, 80, 200]))
@settings(max_examples=100, deadline=None)
def test_every_row_is_exactly_as_wide_as_the_page(text: str, width: int) -> None:
    for row in Told(text).draw(Page(width, INKS)):
        assert sum(cells(segment.text) for segment in row.strip) == width


@given(st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=80), st.integers(4, 40))
@settings(deadline=None)
def test_wrapped_lines_fit_and_lose_only_the_spaces_they_break_at(text: str, width: int) -> None:
    for cut_up in (wrap, fold):
        lines = cut_up([(text, INKS.page)], width)
        assert all(line.cells <= width for line in lines)
        joined = "".join((line.join or "") + "".join(t for t, _ in line.spans) for line in lines)
        assert joined.rstrip() == text.rstrip()
