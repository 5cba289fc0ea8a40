"""Laws of the store: what goes in comes out, and every branch is a path of one tree."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from ion_core.entries import Body, Entry
from ion_core.ids import EntryId, entry_row
from ion_core.messages import user
from ion_core.sessions.base import Append
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes import values
from tests.fakes.sessions import an_info, ticking

Step: TypeAlias = int | None
"""None appends an entry; a number moves the head to the entry with that index from the end, or to
the beginning when there are not so many."""

steps = st.lists(st.none() | st.none() | st.integers(0, 12), max_size=40)


def played(story: Callable[[SqliteStore], Awaitable[None]]) -> None:
    async def play() -> None:
        store = await SqliteStore.memory(clock=ticking())
        try:
            await story(store)
        finally:
            await store.aclose()

    asyncio.run(play())


def expected(parents: dict[EntryId, EntryId | None], head: EntryId | None) -> list[EntryId]:
    path = []
    while head is not None:
        path.append(head)
        head = parents[head]
    return path[::-1]


@settings(max_examples=60)
@given(st.lists(values.bodies, max_size=8))
def test_every_body_comes_back_as_it_was(bodies: list[Body]) -> None:
    async def story(store: SqliteStore) -> None:
        info = an_info()
        appended = await store.create(info, [Append(body=body) for body in bodies])
        path = await store.path(info.id)
        assert tuple(path) == appended
        assert [entry.body for entry in path] == bodies

    played(story)


@settings(max_examples=60)
@given(steps, st.integers(1, 9))
def test_any_branch_path_is_a_tree_path(steps: list[Step], limit: int) -> None:
    async def story(store: SqliteStore) -> None:
        info = an_info()
        await store.create(info)
        made: list[Entry] = []
        head: EntryId | None = None
        for step in steps:
            if step is None:
                made += await store.commit(info.id, Append(body=user(str(len(made)))))
                assert made[-1].parent == head
                head = made[-1].id
            else:
                head = made[-step - 1].id if step < len(made) else None
                await store.commit(info.id, MoveHead(to=head))
            assert (await store.info(info.id)).head == head
        parents = {entry.id: entry.parent for entry in made}
        assert (await store.info(info.id)).entries == len(made)
        for leaf in parents:
            path = await store.path(info.id, head=leaf)
            assert [entry.id for entry in path] == expected(parents, leaf)
            assert await store.path(info.id, head=leaf, limit=limit) == path[-limit:]
        assert [entry.id for entry in await store.path(info.id)] == expected(parents, head)

    played(story)


@settings(max_examples=20)
@given(st.integers(0, 30))
def test_one_commit_or_many_make_the_same_path(count: int) -> None:
    async def story(store: SqliteStore) -> None:
        one, many = an_info(), an_info()
        writes = [Append(body=user(str(number))) for number in range(count)]
        await store.create(one, writes)
        await store.create(many)
        for write in writes:
            await store.commit(many.id, write)
        paths = [await store.path(info.id) for info in (one, many)]
        assert [entry.body for entry in paths[0]] == [entry.body for entry in paths[1]]

    played(story)


@settings(max_examples=30)
@given(steps)
def test_skip_pointers_reach_any_ancestor_in_few_steps(steps: list[Step]) -> None:
    def check(db: sqlite3.Connection) -> None:
        rows = db.execute("SELECT id, parent_id, depth, coalesce(jump_id, id) FROM entry")
        nodes = {row: (parent, depth, jump) for row, parent, depth, jump in rows}
        for row, (parent, depth, jump) in nodes.items():
            ancestors = [row]
            while (above := nodes[ancestors[-1]][0]) is not None:
                ancestors.append(above)
            assert depth == len(ancestors) - 1
            assert jump in ancestors
            assert parent is None or nodes[jump][1] < depth
            assert hops(nodes, row) <= 2 * (depth + 1).bit_length() + 2

    async def story(store: SqliteStore) -> None:
        info = an_info()
        made = list(await store.create(info, [Append(body=user("x"))] * 70))
        for step in steps:
            if step is not None:
                await store.commit(info.id, MoveHead(to=made[-(step % len(made)) - 1].id))
            made += await store.commit(info.id, Append(body=user("x")))
        assert entry_row(made[-1].id) == len(made)
        await store._writer.read(check)

    played(story)


def hops(nodes: dict[int, tuple[int | None, int, int]], row: int) -> int:
    """Skips from ``row`` to its root."""
    count = 0
    while nodes[row][0] is not None:
        row, count = nodes[row][2], count + 1
    return count
