"""The tree of a session in the store: its outline, its forks, and what is put on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ion_core.codec import encode
from ion_core.context.projector import project
from ion_core.entries import BranchSummary, Entry
from ion_core.errors import SessionNotFound, StoreError, StoreTooNew
from ion_core.ids import EntryId, SessionId
from ion_core.messages import user
from ion_core.providers.base import ModelInfo
from ion_core.sessions.base import Append, Change, Spend
from ion_core.sessions.marks import Label, MoveHead, NameBranch, SwitchBranch, Tag
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.fakes.sessions import an_info, did, said, texts, ticking

INFO = an_info()
TABLES = ("session", "branch", "entry", "entry_text", "label", "tag", "usage_event", "effect")


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.memory(clock=ticking())
    yield opened
    await opened.aclose()


@pytest.fixture
async def entries(store: SqliteStore) -> tuple[Entry, ...]:
    bodies = (user("write it"), said("I look", "c1"), did("c1", "here"), said("done"))
    return await store.create(INFO, [Append(body=body) for body in bodies])


async def rows(store: SqliteStore, session: SessionId) -> dict[str, list[Any]]:
    """Every byte that the store keeps of a session."""

    def of(table: str) -> str:
        if table == "label":
            return "SELECT l.* FROM label l JOIN entry e ON e.id = l.entry_id WHERE session_id = ?"
        return f"SELECT * FROM {table} WHERE {'id' if table == 'session' else 'session_id'} = ?"

    return await store.ask(
        lambda db: {table: db.execute(of(table), (session,)).fetchall() for table in TABLES}
    )


async def branches(store: SqliteStore) -> list[tuple[str, EntryId | None, bool]]:
    return [(b.name, b.tip, b.active) for b in await store.branches(INFO.id)]


async def test_a_tip_that_is_left_keeps_its_name(
    store: SqliteStore, entries: tuple[Entry, ...]
) -> None:
    await store.commit(INFO.id, MoveHead(to=entries[1].id))
    assert await branches(store) == [("main", "e4", False), ("main~2", "e2", True)]
    await store.commit(INFO.id, MoveHead(to=entries[0].id))
    assert await branches(store) == [("main", "e4", False), ("main~2", "e1", True)]
    await store.commit(INFO.id, Append(body=user("otherwise")), MoveHead(to=None))
    assert [name for name, *_ in await branches(store)] == ["main", "main~2", "main~3"]
    await store.commit(INFO.id, MoveHead(to=entries[3].id))
    assert (await store.info(INFO.id)).branch == "main"


async def test_a_branch_with_a_persons_name_is_not_moved(
    store: SqliteStore, entries: tuple[Entry, ...]
) -> None:
    await store.commit(INFO.id, MoveHead(to=entries[1].id), NameBranch(name="idea"))
    await store.commit(INFO.id, MoveHead(to=entries[0].id))
    assert await branches(store) == [
        ("main", "e4", False),
        ("idea", "e2", False),
        ("idea~2", "e1", True),
    ]


async def test_a_commit_moves_and_grows_in_order(
    store: SqliteStore, entries: tuple[Entry, ...]
) -> None:
    await store.commit(
        INFO.id,
        Append(body=user("more")),
        MoveHead(to=entries[0].id),
        Append(body=user("else")),
        SwitchBranch(name="main"),
        Append(body=user("and on")),
    )
    expected = ["write it", "I look", "", "done", "more", "and on"]
    assert texts(await store.path(INFO.id)) == expected
    assert await branches(store) == [("main", "e7", True), ("main~2", "e6", False)]


async def test_a_refused_write_changes_nothing(
    store: SqliteStore, entries: tuple[Entry, ...]
) -> None:
    before = await rows(store, INFO.id)
    for wrong in (
        SwitchBranch(name="nowhere"),
        NameBranch(name=" "),
        NameBranch(name="x", old="nowhere"),
        Label(entry=EntryId("e99"), label="x"),
        Label(entry=entries[0].id, label=" "),
        Tag(tag="a,b"),
        MoveHead(to=EntryId("e99")),
    ):
        with pytest.raises(StoreError):
            await store.commit(INFO.id, Append(body=user("lost?")), wrong)
    assert await rows(store, INFO.id) == before


async def test_a_fork_copies_the_path_and_leaves_its_source_byte_for_byte(
    store: SqliteStore, entries: tuple[Entry, ...]
) -> None:
    paid = Spend(
        purpose="turn", provider="p", model="m", usage=Usage(input=9, output=1), cost_nano=7
    )
    await store.commit(INFO.id, paid, Label(entry=entries[1].id, label="good"), Tag(tag="t"))
    before = await rows(store, INFO.id)
    forked = await store.fork(INFO.id, entries[2].id, "Another")
    await store.commit(forked.id, Append(body=said("differently")))
    assert await rows(store, INFO.id) == before
    copied = await store.path(forked.id)
    assert [entry.body for entry in copied[:3]] == [entry.body for entry in entries[:3]]
    assert [entry.at for entry in copied[:3]] == [entry.at for entry in entries[:3]]
    assert not {entry.id for entry in copied} & {entry.id for entry in entries}
    assert (forked.usage, forked.cost_nano, forked.entries, forked.turns) == (Usage(), 0, 3, 1)
    assert [hit.session for hit in await store.search("differently")] == [forked.id]
    assert [hit.session for hit in await store.search("look")] == [INFO.id]


async def test_a_fork_outlives_its_source(store: SqliteStore, entries: tuple[Entry, ...]) -> None:
    forked = await store.fork(INFO.id, entries[1].id)
    await store.change(lambda db: db.execute("DELETE FROM session WHERE id = ?", (INFO.id,)))
    info = await store.info(forked.id)
    assert (info.kind, info.parent) == ("fork", None)
    assert texts(await store.path(forked.id)) == ["write it", "I look"]


async def test_a_fork_may_be_of_nothing_but_not_of_nowhere(
    store: SqliteStore, entries: tuple[Entry, ...]
) -> None:
    assert (await store.fork(INFO.id, None)).entries == 0
    with pytest.raises(StoreError, match="no entry e99"):
        await store.fork(INFO.id, EntryId("e99"))
    with pytest.raises(SessionNotFound):
        await store.fork(SessionId("gone"), None)


async def test_a_persons_title_stays_theirs_in_a_fork(
    store: SqliteStore, entries: tuple[Entry, ...]
) -> None:
    await store.commit(INFO.id, Change(title="Mine", title_source="user"))
    forked = await store.fork(INFO.id, entries[0].id)
    await store.commit(forked.id, Change(title="A machine's", title_source="auto"))
    assert (await store.info(forked.id)).title == "Mine"


async def test_an_outline_says_who_did_what(store: SqliteStore, entries: tuple[Entry, ...]) -> None:
    await store.commit(INFO.id, Label(entry=entries[3].id, label="good"))
    nodes = (await store.tree(INFO.id)).nodes
    assert [(node.kind, node.role, node.text, node.tools, node.labels) for node in nodes] == [
        ("message", "user", "write it", (), ()),
        ("message", "assistant", "I look", ("bash",), ()),
        ("tool_result", "tool", "here", ("bash",), ()),
        ("message", "assistant", "done", (), ("good",)),
    ]
    assert [(node.depth, node.parent) for node in nodes] == [
        (0, None),
        (1, "e1"),
        (2, "e2"),
        (3, "e3"),
    ]


async def test_an_outline_is_of_one_line_however_long_the_text(store: SqliteStore) -> None:
    await store.create(INFO, [Append(body=user("one\n\ntwo  three " + "x" * 10_000))])
    [node] = (await store.tree(INFO.id)).nodes
    assert node.text.startswith("one two three x")
    assert len(node.text) == 200


async def test_the_summary_of_a_branch_is_kept_found_and_told(
    store: SqliteStore, entries: tuple[Entry, ...]
) -> None:
    summary = BranchSummary(text="The parser was not at fault.", from_tip=entries[3].id)
    await store.commit(INFO.id, MoveHead(to=entries[1].id), Append(body=summary))
    path = await store.path(INFO.id)
    assert path[-1].body == summary
    model = ModelInfo(provider="p", id="m")
    *_, told = project(path, system="", tools=(), model=model).messages
    assert summary.text in told.text
    [hit] = await store.search("fault")
    assert (hit.entry, hit.branch) == (path[-1].id, "main~2")
    assert (await store.tree(INFO.id)).nodes[-1].text == summary.text


async def test_an_entry_of_a_newer_ion_is_said_to_be_one_and_stays(
    store: SqliteStore, entries: tuple[Entry, ...]
) -> None:
    body = encode(entries[3].body).replace(b'"message"', b'"hologram"')

    await store.change(
        lambda db: db.execute(
            "UPDATE entry SET payload = ?, type = 'hologram' WHERE id = 4", (body,)
        )
    )
    with pytest.raises(StoreTooNew, match=r"Entry e4 was written by a newer ion .*Update ion"):
        await store.path(INFO.id)
    assert (await store.tree(INFO.id)).nodes[-1].kind == "hologram"
    assert len(await store.path(INFO.id, head=entries[2].id)) == 3
    assert (await store.fork(INFO.id, entries[3].id)).entries == 4
