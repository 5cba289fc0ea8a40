"""Finding: words, phrases, filters, and queries that are meant to break something."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ion_core.errors import StoreError
from ion_core.ids import CallId, EntryId, SessionId
from ion_core.messages import Message, ToolCall, user
from ion_core.sessions.base import Append, Change, Hit, Spend, Write
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.search_matches import Match, Matches
from ion_core.sessions.search_terms import terms
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.fakes.sessions import START, an_info, did, said, ticking

DAY = 86_400.0
HOSTILE = (
    *('"', '""', "'", "(", ")", "NEAR(", "NEAR(a b, 2)", "*", "a*b", "body:a", "AND", "a OR"),
    *("NOT a", "-a", "^a", "{a} : b", "a + b", "\0", "a\0b", "🦓", "🦓 apple", "\ud800", "cost>"),
    *(
        "before:0000",
        "date:2025-13",
        "after:9999d",
        "is:",
        "file:***",
        'tag:"',
        "tag:",
        "a " * 5_000,
    ),
    *('"' * 10_240, "(" * 10_240, "x" * 10_240, "cost>1 " * 2_000, "file:a " * 2_000),
)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.open(tmp_path / "sessions.db", clock=ticking())
    yield opened
    await opened.aclose()


async def keep(store: SqliteStore, *bodies: Message | str, project: str = "p1") -> SessionId:
    info = an_info(project=project)
    said_all = [user(body) if isinstance(body, str) else body for body in bodies]
    await store.create(info, [Append(body=body) for body in said_all])
    return info.id


def snippets(hits: list[Hit]) -> list[str]:
    return [hit.snippet for hit in hits]


async def test_a_hit_says_where_it_is_and_marks_what_matched(store: SqliteStore) -> None:
    session = await keep(store, "why is the upload flaky", said("The upload retries too early."))
    (hit,) = await store.search("flaky")
    (entry, _) = await store.path(session)
    assert (hit.session, hit.entry, hit.branch, hit.role) == (session, entry.id, "main", "user")
    assert hit.title == "why is the upload flaky"
    assert hit.snippet == "why is the upload «flaky»"
    assert hit.at == entry.at
    assert hit.score > 0


async def test_commands_and_beginnings_and_errors_of_outputs_are_found(store: SqliteStore) -> None:
    output = "line\n" * 2_000 + "E AssertionError: zebra\n" + "line\n" * 10 + "giraffe\n"
    await keep(store, "go", said("", "c1"), did("c1", output))
    assert [hit.role for hit in await store.search("bash c1")] == ["assistant"]
    assert [hit.role for hit in await store.search("zebra")] == ["tool"]
    assert await store.search("giraffe") == []


async def test_what_recall_found_is_not_found_again(store: SqliteStore) -> None:
    call = ToolCall(id=CallId("c1"), name="recall", arguments={"query": "zebra"})
    await keep(store, "go", Message(role="assistant", parts=(call,)))
    assert await store.search("zebra") == []


async def test_every_word_is_wanted_and_any_of_them_will_do_when_none_has_all(
    store: SqliteStore,
) -> None:
    await keep(store, "red apple", "green apple", "red car")
    assert snippets(await store.search("apple red")) == ["«red» «apple»"]
    assert set(snippets(await store.search("green car"))) == {"«green» apple", "red «car»"}


async def test_a_phrase_stays_together_and_a_word_may_be_its_beginning(store: SqliteStore) -> None:
    await keep(store, "disk is full", "full disk check", "Überprüfung")
    assert snippets(await store.search('"full disk"')) == ["«full disk» check"]
    assert len(await store.search("dis")) == 2
    assert await store.search('"dis"') == []
    assert len(await store.search("dis* check")) == 1
    assert snippets(await store.search("uberprufung")) == ["«Überprüfung»"]


async def test_of_two_equal_matches_the_later_is_better(tmp_path: Path) -> None:
    for age in (200, 1):
        store = await SqliteStore.open(tmp_path / "s.db", clock=lambda age=age: START - age * DAY)  # type: ignore[misc]
        info = replace(an_info(), created_at=START - age * DAY, updated_at=START - age * DAY)
        await store.create(info, [Append(body=user(f"apple {age}"))])
        await store.aclose()
    store = await SqliteStore.open(tmp_path / "s.db", clock=lambda: START)
    assert snippets(await store.search("apple ")) == ["«apple» 1", "«apple» 200"]
    assert snippets(await store.search("apple before:30d")) == ["«apple» 200"]
    assert snippets(await store.search("apple after:30d")) == ["«apple» 1"]
    assert snippets(await store.search("date:yesterday")) == ["apple 1"]
    assert await store.search("apple date:2019") == []
    await store.aclose()


async def test_filters_by_tag_model_folder_file_cost_and_error(
    store: SqliteStore,
) -> None:
    dear = Spend(purpose="turn", provider="x", model="y", usage=Usage(), cost_nano=2_000_000_000)
    other = await keep(store, "apple elsewhere")
    session = await keep(
        store, "apple", said("", "c1"), did("c1", "src/a.py: boom", status="error")
    )
    await store.commit(session, dear, Change(model="openai/gpt-9"))
    await store.change(
        lambda db: db.execute("INSERT INTO tag(session_id, tag) VALUES(?, 'Fruit')", (session,))
    )
    for query in ("tag:fruit", "model:gpt-9", "model:OpenAI/", "file:src/a.py", "cost>1.5"):
        assert [hit.session for hit in await store.search(f"apple {query}")] == [session], query
    assert [hit.session for hit in await store.search("apple cost<1")] == [other]
    assert len(await store.search("folder:/work apple")) == 2
    assert await store.search('cwd:"/elsewhere" apple') == []
    assert [hit.role for hit in await store.search("is:error")] == ["tool"]


async def test_other_projects_and_deleted_sessions_are_left_out(store: SqliteStore) -> None:
    here = await keep(store, "apple")
    await keep(store, "apple", project="p2")
    gone = await keep(store, "apple")
    await store.commit(gone, Change(deleted=True))
    assert [hit.session for hit in await store.search("apple", project="p1")] == [here]
    assert len(await store.search("apple")) == 2
    assert len(await store.search("apple", limit=1)) == 1


async def test_an_entry_that_was_left_is_on_the_branch_that_kept_it(store: SqliteStore) -> None:
    session = await keep(store, "root", "left zebra")
    root, left = await store.path(session)
    await store.commit(session, MoveHead(to=root.id), *many(40))
    assert [(hit.entry, hit.branch) for hit in await store.search("zebra")] == [(left.id, "main")]
    assert [hit.branch for hit in await store.search('"entry 7"')] == ["main~2"]


def many(count: int) -> list[Write]:
    return [Append(body=user(f"entry {number}")) for number in range(count)]


@pytest.mark.parametrize(
    "query",
    HOSTILE,
)
async def test_no_query_is_an_error(store: SqliteStore, query: str) -> None:
    await keep(store, "apple")
    assert isinstance(await store.search(query), list)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text('"*():^-+ aANDORNT{}🦓é\0', max_size=40))
def test_no_words_are_syntax(query: str) -> None:
    asked = terms(query, START)
    db = sqlite3.connect(":memory:")
    db.execute("CREATE VIRTUAL TABLE f USING fts5(body)")
    for match in (asked.all, asked.any):
        if match:
            db.execute("SELECT rowid FROM f WHERE f MATCH ?", (match,)).fetchall()
    db.close()


async def test_a_passage_is_an_entry_with_its_neighbours(store: SqliteStore) -> None:
    session = await keep(store, *(f"n{number}" for number in range(9)))
    path = await store.path(session)
    passage = await store.passage(path[4].id, project="p1")
    assert (passage.session, passage.title, passage.entry) == (session, "n0", path[4].id)
    assert passage.entries == path[2:7]
    assert (await store.passage(path[0].id)).entries == path[:3]
    assert (await store.passage(path[8].id)).entries == path[6:]


@pytest.mark.parametrize("entry", ["e1", "e99", "x", "e" + "z" * 40, "", "e1; DROP"])
async def test_there_is_no_passage_of_another_project(store: SqliteStore, entry: str) -> None:
    await keep(store, "secret", project="p2")
    with pytest.raises(StoreError, match="There is no entry"):
        await store.passage(EntryId(entry), project="p1")


@pytest.mark.parametrize("query", ["", "apple", '"an apple"', "apple pie tart plum is:error"])
async def test_few_and_many_sessions_are_searched_alike(store: SqliteStore, query: str) -> None:
    await keep(store, "an apple", did("c1", "apple failed", status="error"), project="p1")
    await keep(store, "apple pie", "plum", project="p2")
    asked = terms(f"{query} cost<1 after:2000 model:mock cwd:/work", START)

    def found(db: sqlite3.Connection, project: str | None, few: int) -> list[Match]:
        return Matches(db, asked, project, few).newest(asked.any)

    for project in (None, "p1"):
        quick, slow = [
            await store.ask(partial(found, project=project, few=few)) for few in (1_000, 0)
        ]
        assert quick == slow
        assert quick
