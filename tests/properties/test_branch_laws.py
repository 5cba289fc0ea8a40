"""Whatever is done to a tree, nothing of it is ever lost."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from ion_core.errors import StoreError
from ion_core.ids import EntryId
from ion_core.messages import user
from ion_core.sessions.base import Append, Change
from ion_core.sessions.marks import Label, MoveHead, NameBranch, SwitchBranch
from ion_core.sessions.sqlite import SqliteStore
from ion_core.trees import SessionTree
from tests.fakes.sessions import an_info, ticking

STEPS = st.lists(
    st.tuples(
        st.sampled_from(("append", "move", "switch", "name", "label", "start", "fork")),
        st.integers(0, 30),
    ),
    max_size=30,
)


def reachable(tree: SessionTree) -> set[EntryId]:
    parents = {node.id: node.parent for node in tree.nodes}
    found: set[EntryId] = set()
    for branch in tree.branches:
        entry = branch.tip
        while entry is not None and entry not in found:
            found.add(entry)
            entry = parents[entry]
    return found


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_every_entry_is_on_a_branch_and_no_entry_changes(steps: list[tuple[str, int]]) -> None:
    asyncio.run(_play(steps))


async def _play(steps: list[tuple[str, int]]) -> None:
    store = await SqliteStore.memory(clock=ticking())
    info = an_info()
    await store.create(info)
    known: dict[EntryId, object] = {}
    for what, number in steps:
        tree = await store.tree(info.id)
        ids, names = [node.id for node in tree.nodes], [branch.name for branch in tree.branches]
        with suppress(StoreError):  # a name that is taken
            match what:
                case "append":
                    for entry in await store.commit(info.id, Append(body=user(f"n{number}"))):
                        known[entry.id] = entry
                case "move" if ids:
                    await store.commit(info.id, MoveHead(to=ids[number % len(ids)]))
                case "start":
                    await store.commit(info.id, MoveHead(to=None))
                case "switch":
                    await store.commit(info.id, SwitchBranch(name=names[number % len(names)]))
                case "name":
                    old = names[number % len(names)]
                    await store.commit(info.id, NameBranch(name=f"idea {number}", old=old))
                case "label" if ids:
                    await store.commit(info.id, Label(entry=ids[number % len(ids)], label="good"))
                case "fork" if ids:
                    at = ids[number % len(ids)]
                    made = await store.fork(info.id, at)
                    source = [e.body for e in await store.path(info.id, head=at)]
                    assert [e.body for e in await store.path(made.id)] == source
                    assert (made.kind, made.parent, made.parent_entry) == ("fork", info.id, at)
                    assert (made.cost_nano, made.entries) == (0, len(source))
    tree = await store.tree(info.id)
    assert reachable(tree) == {node.id for node in tree.nodes} == set(known)
    assert sum(branch.active for branch in tree.branches) == 1
    assert len({branch.name for branch in tree.branches}) == len(tree.branches)
    for branch in tree.branches:
        path = await store.path(info.id, head=branch.tip) if branch.tip else []
        assert all(known[entry.id] == entry for entry in path)
    active = next(branch for branch in tree.branches if branch.active)
    assert [e.id for e in await store.path(info.id)][-1:] == ([active.tip] if active.tip else [])
    await store.aclose()


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=2, max_size=24))
def test_two_writers_never_write_into_each_others_path(turns: list[tuple[bool, bool]]) -> None:
    with TemporaryDirectory() as folder:
        asyncio.run(_contend(Path(folder) / "sessions.db", turns))


async def _contend(file: Path, turns: list[tuple[bool, bool]]) -> None:
    """Each turn is one writer's, who says something or only gives the session a title."""
    here, there = await SqliteStore.open(file), await SqliteStore.open(file)
    info = an_info()
    await here.create(info, [Append(body=user("root"))])
    await there.path(info.id)
    said: dict[bool, list[str]] = {False: ["root"], True: ["root"]}
    tips: dict[bool, EntryId] = {}
    for number, (turn, speaks) in enumerate(turns):
        store = there if turn else here
        if not speaks:
            await store.commit(info.id, Change(title=f"{number}"))
            continue
        [entry] = await store.commit(info.id, Append(body=user(f"{number}")))
        said[turn].append(f"{number}")
        tips[turn] = entry.id
    for turn, tip in tips.items():
        path = await here.path(info.id, head=tip)
        assert [entry.body.text for entry in path] == said[turn]  # type: ignore[union-attr]
    assert len(await here.branches(info.id)) == max(1, len(tips))
    await here.aclose()
    await there.aclose()
