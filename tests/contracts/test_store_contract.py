"""What every session store promises, asked of each one there is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ion_core.entries import ModeChange, ModelChange, SystemEvent
from ion_core.errors import SessionNotFound, StoreError
from ion_core.ids import CallId, EntryId, SessionId
from ion_core.messages import user
from ion_core.sessions.base import (
    Append,
    Change,
    Dequeue,
    Enqueue,
    OpenedEffect,
    OpenEffect,
    Remember,
    SessionStore,
    SettleEffect,
    Spend,
)
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.fakes.sessions import START, an_info, did, said, texts, ticking


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SessionStore]:
    if request.param == "file":
        opened = await SqliteStore.open(tmp_path / "sessions.db", clock=ticking())
    else:
        opened = await SqliteStore.memory(clock=ticking())
    yield opened
    await opened.aclose()


async def a_session(store: SessionStore, *prompts: str) -> SessionId:
    info = an_info()
    await store.create(info, [Append(body=user(prompt)) for prompt in prompts])
    return info.id


# entries


async def test_a_new_session_is_empty_and_has_what_it_was_given(store: SessionStore) -> None:
    info = an_info(model="openrouter/qwen/qwen3:low")
    assert await store.create(info) == ()
    assert await store.info(info.id) == info
    assert await store.path(info.id) == []


async def test_entries_follow_one_another_and_come_back_as_they_were(store: SessionStore) -> None:
    info = an_info()
    bodies = [
        user("fix it"),
        ModelChange(model="a/b"),
        ModeChange(mode="read"),
        said("Looking.", "c1"),
        did("c1", "x" * 20_000),
        SystemEvent(what="interrupted", text="You stopped it."),
    ]
    first = await store.create(info, [Append(body=bodies[0])])
    rest = await store.commit(info.id, *[Append(body=body) for body in bodies[1:]])
    entries = [*first, *rest]
    assert [entry.body for entry in entries] == bodies
    assert [entry.parent for entry in entries] == [None, *[entry.id for entry in entries[:-1]]]
    assert await store.path(info.id) == entries
    assert (await store.info(info.id)).head == entries[-1].id


async def test_a_limited_path_is_the_end_of_the_whole(store: SessionStore) -> None:
    session = await a_session(store, *map(str, range(20)))
    whole = await store.path(session)
    assert await store.path(session, limit=7) == whole[-7:]
    assert await store.path(session, limit=100) == whole
    assert await store.path(session, head=whole[9].id) == whole[:10]
    assert await store.path(session, head=whole[9].id, limit=3) == whole[7:10]


async def test_a_moved_head_begins_a_branch_and_keeps_the_old_one(store: SessionStore) -> None:
    session = await a_session(store, "one", "two", "three")
    one, _two, three = await store.path(session)
    (four,) = await store.commit(session, MoveHead(to=one.id), Append(body=user("four")))
    assert four.parent == one.id
    assert texts(await store.path(session)) == ["one", "four"]
    assert texts(await store.path(session, head=three.id)) == ["one", "two", "three"]


async def test_a_head_moved_to_the_beginning_leaves_an_empty_path(store: SessionStore) -> None:
    session = await a_session(store, "one")
    await store.commit(session, MoveHead(to=None))
    assert await store.path(session) == []
    assert (await store.info(session)).head is None
    (other,) = await store.commit(session, Append(body=user("other")))
    assert other.parent is None


@pytest.mark.parametrize("wrong", ["e0", "e9999", "nonsense", "", "ezzzzzzzzzzzzzzzzzz"])
async def test_an_unknown_entry_is_refused(store: SessionStore, wrong: str) -> None:
    session = await a_session(store, "one")
    with pytest.raises(StoreError, match="has no entry"):
        await store.commit(session, MoveHead(to=EntryId(wrong)))
    with pytest.raises(StoreError, match="has no entry"):
        await store.path(session, head=EntryId(wrong))


async def test_an_entry_of_another_session_is_refused(store: SessionStore) -> None:
    mine, theirs = await a_session(store, "mine"), await a_session(store, "theirs")
    (entry,) = await store.path(theirs)
    with pytest.raises(StoreError, match="has no entry"):
        await store.commit(mine, MoveHead(to=entry.id))


async def test_a_commit_that_fails_happened_not_at_all(store: SessionStore) -> None:
    session = await a_session(store, "one")
    before = await store.info(session)
    with pytest.raises(StoreError):
        await store.commit(
            session,
            Append(body=user("two")),
            Enqueue(kind="steer", text="hurry"),
            MoveHead(to=EntryId("e9999")),
        )
    assert await store.info(session) == before
    assert texts(await store.path(session)) == ["one"]
    assert await store.queue(session) == ()


async def test_a_creation_that_fails_leaves_no_session(store: SessionStore) -> None:
    info = an_info()
    with pytest.raises(StoreError):
        await store.create(info, [MoveHead(to=EntryId("e9999"))])
    with pytest.raises(SessionNotFound):
        await store.info(info.id)


async def test_an_id_is_used_once(store: SessionStore) -> None:
    info = an_info()
    await store.create(info)
    with pytest.raises(StoreError, match="already"):
        await store.create(info)


async def test_an_unknown_session_is_not_found(store: SessionStore) -> None:
    nowhere = SessionId("nowhere")
    with pytest.raises(SessionNotFound, match="nowhere"):
        await store.info(nowhere)
    with pytest.raises(SessionNotFound):
        await store.commit(nowhere, Append(body=user("hello")))
    with pytest.raises(SessionNotFound):
        await store.path(nowhere)
    for odd in ("", "\udc80", "%", "'"):
        with pytest.raises(SessionNotFound):
            await store.info(SessionId(odd))


async def test_a_lone_surrogate_is_stored_as_a_replacement_character(store: SessionStore) -> None:
    session = await a_session(store, "half \ud83d of it")
    await store.commit(
        session,
        Remember(text="\udc80"),
        Change(title="\udfff"),
        Enqueue(kind="steer", text="\ud800"),
    )
    assert texts(await store.path(session)) == ["half � of it"]
    info = await store.info(session)
    assert (info.title, info.preview) == ("�", "half � of it")
    assert await store.history(info.project) == ["�"]
    assert [item.text for item in await store.queue(session)] == ["�"]


# the session's own row


async def test_the_first_message_gives_title_and_preview(store: SessionStore) -> None:
    session = await a_session(store, "\n  Rename   the module\nand mind the tests", "Then push")
    info = await store.info(session)
    assert (info.title, info.title_source) == ("Rename the module", "auto")
    assert info.preview == "Rename the module and mind the tests"


async def test_a_person_s_title_stays(store: SessionStore) -> None:
    info = an_info()
    await store.create(info)
    await store.commit(info.id, Change(title="Mine", title_source="user"))
    await store.commit(info.id, Append(body=user("something else")))
    named = await store.info(info.id)
    assert (named.title, named.title_source, named.preview) == ("Mine", "user", "something else")


async def test_counters_add_up_and_only_messages_make_a_session_newer(store: SessionStore) -> None:
    session = await a_session(store, "one")
    await store.commit(session, Append(body=said("well", "c1")))
    answered_at = (await store.path(session))[-1].at
    await store.commit(session, Append(body=did("c1")), Append(body=ModeChange(mode="read")))
    await store.commit(session, Change(title="later", title_source="user"))
    info = await store.info(session)
    assert (info.entries, info.turns, info.updated_at) == (4, 1, answered_at)
    assert info.updated_at > info.created_at == START


async def test_money_adds_up_until_a_price_is_unknown(store: SessionStore) -> None:
    session = await a_session(store, "one")
    usage = Usage(input=10, output=2, cache_read=5, cache_write=1)

    def spend(cost_nano: int | None) -> Spend:
        return Spend(purpose="turn", provider="p", model="m", usage=usage, cost_nano=cost_nano)

    await store.commit(session, spend(7), spend(5))
    info = await store.info(session)
    assert (info.usage, info.cost_nano, info.cost_known) == (usage + usage, 12, True)
    await store.commit(session, spend(None))
    info = await store.info(session)
    assert (info.usage, info.cost_nano, info.cost_known) == (usage + usage + usage, 12, False)


async def test_changes_touch_only_what_they_name(store: SessionStore) -> None:
    session = await a_session(store, "one")
    before = await store.info(session)
    await store.commit(session, Change(model="x/y/z:high"))
    await store.commit(session, Change(mode="plan"))
    after = await store.info(session)
    assert (after.model, after.mode) == ("x/y/z:high", "plan")
    assert (after.title, after.title_source) == (before.title, before.title_source)


@pytest.mark.parametrize("model", ["", "plain", "a/b", "/odd", "a/b/c:low"])
async def test_every_way_to_write_a_model_comes_back(store: SessionStore, model: str) -> None:
    info = an_info(model=model)
    await store.create(info)
    assert (await store.info(info.id)).model == model


async def test_a_deleted_session_is_listed_apart_and_can_be_restored(store: SessionStore) -> None:
    kept, gone = await a_session(store, "kept"), await a_session(store, "gone")
    await store.commit(gone, Change(deleted=True))
    assert [info.id for info in await store.sessions()] == [kept]
    assert [info.id for info in await store.sessions(deleted=True)] == [gone]
    assert (await store.info(gone)).deleted_at is not None
    await store.commit(gone, Change(deleted=False))
    assert {info.id for info in await store.sessions()} == {kept, gone}
    assert texts(await store.path(gone)) == ["gone"]


async def test_sessions_are_listed_newest_first_and_by_project(store: SessionStore) -> None:
    infos = [an_info(project=project) for project in ("p1", "p2", "p1")]
    for info in infos:
        await store.create(info, [Append(body=user("hello"))])
    first, second, third = (info.id for info in infos)
    await store.commit(first, Append(body=user("again")))
    assert [info.id for info in await store.sessions()] == [first, third, second]
    assert [info.id for info in await store.sessions(limit=2)] == [first, third]
    assert [info.id for info in await store.sessions(project="p1")] == [first, third]
    assert await store.sessions(project="p3") == []


async def test_a_unique_prefix_is_enough(store: SessionStore) -> None:
    for name in ("0198aa-1", "0198aa-2", "0198bb-3"):
        await store.create(an_info(name))
    assert (await store.info(SessionId("0198bb"))).id == "0198bb-3"
    assert (await store.info(SessionId("0198AA-1"))).id == "0198aa-1"
    with pytest.raises(StoreError, match=r"(?s)Several.*0198aa-1.*0198aa-2") as caught:
        await store.info(SessionId("0198aa"))
    assert not isinstance(caught.value, SessionNotFound)


async def test_an_exact_id_wins_over_longer_ones(store: SessionStore) -> None:
    for name in ("abc", "abcd"):
        await store.create(an_info(name))
    assert (await store.info(SessionId("abc"))).id == "abc"


# what waits and what is under way


async def test_messages_wait_in_order_until_they_are_taken(store: SessionStore) -> None:
    session, other = await a_session(store, "one"), await a_session(store, "two")
    await store.commit(session, Enqueue(kind="steer", text="left"))
    await store.commit(session, Enqueue(kind="follow_up", text="then right"))
    left, right = await store.queue(session)
    assert (left.kind, left.text, right.kind, right.text) == (
        "steer",
        "left",
        "follow_up",
        "then right",
    )
    assert await store.queue(other) == ()
    await store.commit(session, Append(body=user("left")), Dequeue(id=left.id))
    assert await store.queue(session) == (right,)


async def test_a_message_is_taken_once(store: SessionStore) -> None:
    session, other = await a_session(store, "one"), await a_session(store, "two")
    await store.commit(session, Enqueue(kind="steer", text="left"))
    (waiting,) = await store.queue(session)
    with pytest.raises(StoreError, match="no longer"):
        await store.commit(other, Dequeue(id=waiting.id))
    await store.commit(session, Dequeue(id=waiting.id))
    with pytest.raises(StoreError, match="no longer"):
        await store.commit(session, Append(body=user("left")), Dequeue(id=waiting.id))
    assert texts(await store.path(session)) == ["one"]


async def test_effects_stay_open_until_they_are_settled(store: SessionStore) -> None:
    session = await a_session(store, "one")
    opened = [
        OpenEffect(call=CallId("c1"), tool="bash", recovery="never", detail={"target": "ls"}),
        OpenEffect(call=CallId("c2"), tool="read", recovery="replay_safe"),
    ]
    await store.commit(session, Append(body=said("", "c1", "c2")), *opened)
    assert await store.open_effects(session) == (
        OpenedEffect(call=CallId("c1"), tool="bash", recovery="never", detail={"target": "ls"}),
        OpenedEffect(call=CallId("c2"), tool="read", recovery="replay_safe", detail={}),
    )
    await store.commit(session, Append(body=did("c1")), SettleEffect(call=CallId("c1")))
    assert [effect.call for effect in await store.open_effects(session)] == ["c2"]


async def test_a_call_id_may_come_again_in_a_later_turn(store: SessionStore) -> None:
    session = await a_session(store, "one")
    call = OpenEffect(call=CallId("c1"), tool="bash", recovery="never")
    for _ in range(2):
        await store.commit(session, Append(body=said("", "c1")), call)
        await store.commit(session, Append(body=did("c1")), SettleEffect(call=CallId("c1")))
    assert await store.open_effects(session) == ()
    assert len(await store.path(session)) == 5


async def test_prompts_are_remembered_per_project_without_repeats(store: SessionStore) -> None:
    mine, theirs = an_info(project="p1"), an_info(project="p2")
    for info in (mine, theirs):
        await store.create(info)
    for text in ("a", "b", "b", "a", "c"):
        await store.commit(mine.id, Remember(text=text))
    await store.commit(theirs.id, Remember(text="z"))
    assert await store.history("p1") == ["b", "a", "c"]
    assert await store.history("p1", limit=2) == ["a", "c"]
    assert await store.history("p2") == ["z"]


async def test_a_closed_store_says_so(store: SessionStore) -> None:
    session = await a_session(store, "one")
    await store.aclose()
    with pytest.raises(StoreError, match="closed"):
        await store.info(session)


async def test_what_was_paid_is_summed_by_session_model_and_purpose(store: SessionStore) -> None:
    usage = Usage(input=10, output=5, cache_read=80, cache_write=10, reasoning=2)
    first, second = await a_session(store, "first"), await a_session(store, "second")

    def spend(model: str, cost_nano: int | None) -> Spend:
        return Spend(purpose="turn", provider="p", model=model, usage=usage, cost_nano=cost_nano)

    await store.commit(first, spend("m", 7), spend("m", None), spend("n", 1))
    await store.commit(second, spend("m", 2))
    await store.commit(second, Change(deleted=True))
    spent = {(row.session, row.model): row for row in await store.spending()}
    row = spent[first, "p/m"]
    assert (row.requests, row.cost_nano, row.unpriced, row.purpose) == (2, 7, 1, "turn")
    assert (row.title, row.project, row.cwd) == ("first", "p1", "/work")
    assert row.usage == usage + usage
    assert spent[first, "p/n"].unpriced == 0
    assert spent[second, "p/m"].cost_nano == 2


async def test_spending_is_asked_since_a_time(store: SessionStore) -> None:
    session = await a_session(store)
    usage = Usage(input=1)
    await store.commit(
        session, Spend(purpose="turn", provider="p", model="m", usage=usage, cost_nano=1)
    )
    assert len(await store.spending(since=START)) == 1
    assert await store.spending(since=START + 3600) == []
