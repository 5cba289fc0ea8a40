"""What is written about a process that died in the middle of something."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
from msgspec.structs import replace

from ion_core.entries import Body, Entry, SystemEvent
from ion_core.ids import CallId
from ion_core.messages import Message, ToolResult, user
from ion_core.sessions.base import Append, OpenEffect, Recovery
from ion_core.sessions.recovery import recovery, unanswered
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import an_info, did, said


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.memory()
    yield opened
    await opened.aclose()


async def reopened(
    store: SqliteStore, bodies: Sequence[Body], effects: dict[str, Recovery]
) -> list[Entry]:
    """The path after recovery; a second recovery must find nothing to do."""
    opened = [
        OpenEffect(call=CallId(call), tool="bash", recovery=kind) for call, kind in effects.items()
    ]
    info = an_info()
    await store.create(info, [*[Append(body=body) for body in bodies], *opened])
    mends = recovery(await store.path(info.id), await store.open_effects(info.id))
    await store.commit(info.id, *mends)
    path = await store.path(info.id)
    assert await store.open_effects(info.id) == ()
    assert recovery(path, await store.open_effects(info.id)) == ()
    return path


def results(path: Sequence[Entry]) -> dict[str, ToolResult]:
    messages = [entry.body for entry in path if isinstance(entry.body, Message)]
    return {result.call: result for message in messages for result in message.results}


def told(path: Sequence[Entry]) -> list[str]:
    return [entry.body.text for entry in path if isinstance(entry.body, SystemEvent)]


async def test_a_history_that_is_well_needs_nothing(store: SqliteStore) -> None:
    bodies = [user("go"), said("", "c1"), did("c1"), said("done")]
    path = await reopened(store, bodies, {})
    assert [entry.body for entry in path] == bodies


async def test_a_command_that_may_have_run_is_indeterminate(store: SqliteStore) -> None:
    path = await reopened(store, [user("go"), said("", "c1")], {"c1": "never"})
    result = results(path)["c1"]
    assert (result.status, result.name) == ("indeterminate", "bash")
    assert "outcome unknown, check before repeating" in result.content
    assert told(path) == [
        "ion ended while bash ran. Check what was done before repeating it.",
    ]


@pytest.mark.parametrize(
    ("effect", "status"), [("reconcile", "indeterminate"), ("replay_safe", "cancelled")]
)
async def test_only_what_may_have_changed_something_is_unknown(
    store: SqliteStore, effect: Recovery, status: str
) -> None:
    path = await reopened(store, [user("go"), said("", "c1")], {"c1": effect})
    assert results(path)["c1"].status == status


async def test_a_call_that_waits_for_an_approval_is_left_to_wait(store: SqliteStore) -> None:
    path = await reopened(store, [user("go"), said("", "c1")], {})
    assert (results(path), told(path)) == ({}, [])
    assert [call.id for call in unanswered(path)] == ["c1"]


async def test_a_call_of_an_answer_without_an_end_does_not_wait(store: SqliteStore) -> None:
    partial = replace(said("", "c1"), stop="interrupted")
    assert unanswered(await reopened(store, [user("go"), partial], {})) == []


async def test_results_that_are_there_stay_and_the_rest_is_added(store: SqliteStore) -> None:
    bodies = [user("go"), said("", "c1", "c2", "c3"), did("c2", "fine")]
    path = await reopened(store, bodies, {"c1": "never", "c3": "replay_safe"})
    statuses = {call: result.status for call, result in results(path).items()}
    assert statuses == {"c1": "indeterminate", "c2": "ok", "c3": "cancelled"}
    assert results(path)["c2"].content == "fine"


async def test_an_id_of_an_earlier_turn_answers_nothing_now(store: SqliteStore) -> None:
    bodies = [user("go"), said("", "c1"), did("c1"), said("", "c1")]
    path = await reopened(store, bodies, {"c1": "never"})
    kinds = [entry.body.role for entry in path if isinstance(entry.body, Message)]
    assert kinds == ["user", "assistant", "tool", "assistant", "tool"]
    assert results(path)["c1"].status == "indeterminate"


async def test_an_effect_without_an_open_call_is_settled_and_said(store: SqliteStore) -> None:
    path = await reopened(store, [user("go")], {"c9": "never"})
    assert results(path) == {}
    assert len(told(path)) == 1


async def test_an_empty_session_needs_nothing(store: SqliteStore) -> None:
    assert await reopened(store, [], {}) == []
