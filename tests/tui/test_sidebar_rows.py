"""The session tree as rows."""

from __future__ import annotations

from dataclasses import replace

from ion_tui.widgets.tree_rows import SessionItem, TreeQuery, tree_rows
from tests.fakes.stage import NOON

DAY = 86_400
QUERY = TreeQuery(project="p", now=NOON)


def item(id: str, age_s: float, project: str = "p", title: str = "") -> SessionItem:
    return SessionItem(
        id=id, project=project, name=project, title=title or id, updated_at=NOON - age_s
    )


def texts(items: list[SessionItem], query: TreeQuery = QUERY) -> list[str]:
    return ["  " * row.depth + row.text for row in tree_rows(items, query)]


def test_sessions_stand_under_their_day() -> None:
    items = [item("a", 60), item("b", 3_600), item("c", DAY), item("d", 3 * DAY)]
    assert texts(items) == [
        "Today",
        "  a",
        "  b",
        "Yesterday",
        "  c",
        "This week",
        "  d",
    ]


def test_older_months_are_folded_until_somebody_opens_them() -> None:
    items = [item("a", 60), item("b", 40 * DAY)]
    rows = tree_rows(items, QUERY)
    assert [row.text for row in rows] == ["Today", "a", "October 2025"]
    opened = replace(QUERY, turned={rows[-1].key})
    assert texts(items, opened)[-1] == "  b"


def test_other_projects_are_shown_on_demand_with_this_one_first() -> None:
    items = [item("far", 10, project="q"), item("near", 60)]
    assert texts(items) == ["Today", "  near"]
    everywhere = replace(QUERY, everywhere=True)
    assert texts(items, everywhere) == ["p", "  Today", "    near", "q"]


def test_a_filter_finds_titles_by_their_words_even_in_folded_groups() -> None:
    items = [item("a", 60, title="Fix the parser"), item("b", 90 * DAY, title="Parser notes")]
    assert texts(items, replace(QUERY, words="parser")) == [
        "Today",
        "  Fix the parser",
        "August 2025",
        "  Parser notes",
    ]
    assert texts(items, replace(QUERY, words="parser notes"))[-1] == "  Parser notes"
