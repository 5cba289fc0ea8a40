"""``recall`` finds what was said before in this project, and gives an entry whole."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from msgspec.structs import replace
from tools_bench import Bench

from ion_core.entries import Entry, ModeChange
from ion_core.messages import user
from ion_core.sessions.base import Append
from ion_core.sessions.past import Past
from ion_core.sessions.project import project_id
from ion_core.sessions.sqlite import SqliteStore
from ion_core.tools.recall import NEIGHBOUR_LENGTH, Recall, RecallArgs
from ion_core.tools.tool_search import ToolSearch, ToolSearchArgs
from tests.fakes.sessions import an_info, did, said, ticking

LONG = "zebra " + "word " * 1_000


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.memory(clock=ticking())
    yield store
    await store.aclose()


@pytest.fixture
async def path(store: SqliteStore, bench: Bench) -> list[Entry]:
    """A session of the project that the tools work in, and one of another."""
    await store.create(an_info(project="other"), [Append(body=user("zebra of somebody else"))])
    info = replace(an_info(project=project_id(bench.root)), title="the zoo")
    bodies = (user("feed it"), said("I do.", "c1"), did("c1", LONG), ModeChange(mode="read"))
    await store.create(info, [Append(body=body) for body in bodies])
    return await store.path(info.id)


async def test_what_stands_deep_in_an_output_is_found_too(store: SqliteStore, bench: Bench) -> None:
    deep = "filler\n" * 2_000 + 'the "quokka" listens on 48613\n' + "filler\n" * 2_000
    info = an_info(project=project_id(bench.root))
    bodies = (user("look"), said("I do.", "c9"), did("c9", deep))
    await store.create(info, [Append(body=body) for body in bodies])
    recall = Recall(Past(store))
    outcome = await recall.run(RecallArgs(query="QUOKKA 48613"), bench.context)
    assert 'the "quokka" listens on 48613' in outcome.content
    nothing = await recall.run(RecallArgs(query="wombat"), bench.context)
    assert "Nothing" in nothing.content


async def test_a_query_finds_entries_of_this_project_with_their_ids(
    store: SqliteStore, path: list[Entry], bench: Bench
) -> None:
    outcome = await Recall(Past(store)).run(RecallArgs(query="zebra"), bench.context)
    assert outcome.status == "ok"
    assert outcome.content.startswith(f"[{path[2].id}] ")
    assert "«zebra»" in outcome.content
    assert "the zoo" in outcome.content
    assert "somebody else" not in outcome.content


async def test_an_entry_is_given_whole_between_the_beginnings_of_others(
    store: SqliteStore, path: list[Entry], bench: Bench
) -> None:
    recall = Recall(Past(store))
    whole = await recall.run(RecallArgs(entry=path[2].id), bench.context)
    assert LONG in whole.content
    assert f"[{path[0].id}] user:\nfeed it" in whole.content
    assert '[e3] assistant:\nI do.\nbash {"command":"run c1"}' in whole.content
    assert f"[{path[3].id}] mode_change:\nread" in whole.content
    beside = await recall.run(RecallArgs(entry=path[1].id), bench.context)
    assert f"bash (ok):\n{LONG}"[:NEIGHBOUR_LENGTH] + "…" in beside.content
    assert LONG not in beside.content


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (RecallArgs(), "Give either"),
        (RecallArgs(query="a", entry="e1"), "Give either"),
        (RecallArgs(entry="e1"), "There is no entry e1 here."),
        (RecallArgs(entry="nonsense"), "There is no entry nonsense here."),
    ],
)
async def test_what_cannot_be_is_said(
    store: SqliteStore, path: list[Entry], bench: Bench, args: RecallArgs, sentence: str
) -> None:
    outcome = await Recall(Past(store)).run(args, bench.context)
    assert outcome.status == "error"
    assert outcome.content.startswith(sentence)


async def test_nothing_found_is_no_failure(
    store: SqliteStore, path: list[Entry], bench: Bench
) -> None:
    outcome = await Recall(Past(store)).run(RecallArgs(query='walrus "('), bench.context)
    assert (outcome.status, outcome.display.summary) == ("ok", "nothing found")


@pytest.mark.parametrize("query", ["recall", "search past sessions", "what was said before"])
async def test_tool_search_finds_it(store: SqliteStore, bench: Bench, query: str) -> None:
    search = ToolSearch((Recall(Past(store)),))
    outcome = await search.run(ToolSearchArgs(query=query), bench.context)
    assert outcome.content.splitlines()[0] == "You can call now: recall"
