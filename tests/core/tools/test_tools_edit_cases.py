"""The corpus of edits: each ends in exactly the bytes that were meant, or changes nothing."""

from __future__ import annotations

import pytest
from edit_cases import CASES, Case
from tools_bench import Bench, Call

from ion_core.tools import edit_match

HOW = {
    "form": edit_match.FORM,
    "lines": edit_match.LINES,
    "tokens": edit_match.TOKENS,
    "alike": edit_match.ALIKE,
    "numbered": edit_match.NUMBERED,
}


def test_there_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(CASES) >= 150
    assert len({(case.how, case.name, case.before) for case in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.how or 'refused'}: {case.name}")
async def test_an_edit_does_what_was_meant(case: Case, call: Call, bench: Bench) -> None:
    file = bench.put("a.txt", case.before)
    before = file.read_bytes()
    wish = {"old_string": case.old, "new_string": case.new, "replace_all": case.everywhere}
    outcome = await call("edit", path="a.txt", edits=[wish])
    if case.after is None:
        assert outcome.status == "error", file.read_bytes()
        assert file.read_bytes() == before
        assert case.says in outcome.content, outcome.content
        return
    assert outcome.status == "ok", outcome.content
    after = case.after.encode() if isinstance(case.after, str) else case.after
    assert file.read_bytes() == after
    assert {how for how, words in HOW.items() if words in outcome.content} == {case.how} & set(HOW)
