"""A note is a call that compactions copy; an empty or a long one is none."""

from __future__ import annotations

import pytest
from tools_bench import Bench

from ion_core.tools.compact import Compact, CompactArgs
from ion_core.tools.note import LIMIT, Note, NoteArgs


async def test_a_note_is_acknowledged_and_shown(bench: Bench) -> None:
    outcome = await Note().run(NoteArgs(kind="decision", text=" Retry. "), bench.context)
    assert (outcome.status, outcome.display.summary) == ("ok", "Retry.")


@pytest.mark.parametrize("text", ["", "  \n", "x" * (LIMIT + 1)])
async def test_what_is_no_note_says_what_is_wrong(bench: Bench, text: str) -> None:
    outcome = await Note().run(NoteArgs(kind="fact", text=text), bench.context)
    assert outcome.status == "error"
    assert "Shorten" in outcome.content or "empty" in outcome.content


async def test_where_nothing_is_compacted_the_wish_fails(bench: Bench) -> None:
    assert (await Compact().run(CompactArgs(), bench.context)).status == "error"
