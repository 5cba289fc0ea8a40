"""The session tree as rows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ion_core.trees import Branch
from ion_tui.widgets.tree_rows import SessionItem, TreeQuery, tree_rows
from tests.fakes.stage_session import NOON

DAY = 86_400
QUERY = TreeQuery(project="p", now=NOON)


def item(id: str, age_s: float, project: str = "p", **known: Any) -> SessionItem:
    return SessionItem(
        id=id, project=project, name=project, title=id, updated_at=NOON - age_s, **known
    )


def texts(items: list[SessionItem], query: TreeQuery = QUERY) -> list[str]:
    return ["  " * row.depth + row.rail + row.text for row in tree_rows(items, query)]


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


def test_pinned_sessions_stand_above_every_day() -> None:
    items = [item("a", 60), item("b", 90 * DAY, pinned=True)]
    assert texts(items) == ["Pinned", "  b", "Today", "  a"]


def test_what_came_from_a_session_is_folded_below_it() -> None:
    items = [
        item("a", 60),
        item("f", 120, kind="fork", parent="a"),
        item("s", 180, kind="subagent", parent="f"),
    ]
    assert texts(items) == ["Today", "  a"]
    opened = replace(QUERY, turned={"a", "f"})
    assert texts(items, opened) == ["Today", "  a", "  └ f", "    └ s"]


def test_a_fork_in_which_the_person_went_on_is_seen_at_once_and_brings_its_family() -> None:
    items = [item("f", 60, kind="fork", parent="a"), item("b", DAY), item("a", 3 * DAY)]
    assert texts(items) == ["Today", "  a", "  └ f", "Yesterday", "  b"]


def test_a_subagent_does_not_unfold_its_session_unless_it_is_on_screen() -> None:
    items = [item("s", 60, kind="subagent", parent="a"), item("a", 120)]
    assert texts(items) == ["Today", "  a"]
    assert texts(items, replace(QUERY, current="s"))[-1] == "  └ s"


def test_branches_come_before_children() -> None:
    items = [item("a", 60, branches=2), item("f", 120, kind="fork", parent="a")]
    branches = {"a": (Branch(name="main", tip=None), Branch(name="try", tip=None, active=True))}
    opened = replace(QUERY, turned={"a"}, branches=branches)
    assert texts(items, opened) == ["Today", "  a", "  ├ main", "  ├ try", "  └ f"]
    assert tree_rows(items, QUERY)[1].count == 3


def test_a_fork_whose_source_is_gone_stands_alone() -> None:
    assert texts([item("f", 60, kind="fork", parent="gone")]) == ["Today", "  f"]


def test_sessions_that_say_they_came_from_each_other_are_both_shown() -> None:
    items = [item("a", 60, parent="b"), item("b", 120, parent="a")]
    assert texts(items) == ["Today", "  a", "  b"]


def test_what_was_put_away_is_folded_at_the_end() -> None:
    items = [item("a", 60, shelf="trash"), item("b", 120), item("c", 180, shelf="archived")]
    assert texts(items) == ["Today", "  b", "Archived", "Trash"]
    opened = replace(QUERY, turned={"\ntrash"})
    assert texts(items, opened) == ["Today", "  b", "Archived", "Trash", "  a"]
