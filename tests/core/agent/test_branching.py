from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.errors import StoreError
from ion_core.messages import Image, Text
from ion_core.runtime import Runtime
from tests.fakes.scene import Scene, scene
from tests.fakes.scripted_home import scripted_home
from tests.fakes.sessions import texts

PICTURE = Image(media_type="image/png", sha256="0" * 64)


async def names(s: Scene) -> dict[str, bool]:
    return {branch.name: branch.active for branch in (await s.session.tree()).branches}


async def test_a_message_is_said_again_in_other_words(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["one", "two", "three"]) as s:
        await s.play("first")
        await s.play("secnod")
        old = list(s.session.view.entries)
        await s.session.resend(old[2].id, "second")
        await s.session.idle()
        assert [m.text for m in s.messages] == ["first", "one", "second", "three"]
        assert await names(s) == {"main": False, "main~2": True}
        assert await s.store.path(s.session.id, head=old[-1].id) == old


async def test_the_first_message_can_be_said_again_too(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["one", "two"]) as s:
        await s.play("frist")
        await s.session.resend(s.session.view.entries[0].id, "first")
        await s.session.idle()
        assert [m.text for m in s.messages] == ["first", "two"]


async def test_what_is_said_again_keeps_its_pictures(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["one", "two"]) as s:
        await s.session.submit("what is tihs?", [PICTURE])
        await s.session.idle()
        await s.session.resend(s.session.view.entries[0].id, "what is this?")
        await s.session.idle()
        assert s.messages[0].parts == (Text(text="what is this?"), PICTURE)


async def test_only_a_persons_own_message_is_said_again(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["one"]) as s:
        await s.play("first")
        before = list(s.session.view.entries)
        with pytest.raises(StoreError, match="no message of yours"):
            await s.session.resend(before[-1].id, "mine?")
        assert s.session.view.entries == before


async def test_going_back_and_forth_makes_no_further_branches(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["one", "two"]) as s:
        await s.play("first")
        await s.play("second")
        path = list(s.session.view.entries)
        for entry in (path[1], path[0], path[1], path[3]):
            await s.session.move_to(entry.id)
        assert s.session.view.entries == path
        assert await names(s) == {"main": True, "main~2": False}


async def test_a_branch_is_switched_to_and_the_answer_goes_on_there(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["one", "two", "three"]) as s:
        await s.play("first")
        await s.session.move_to(None)
        await s.session.name_branch("fresh")
        await s.play("other")
        await s.session.switch("main")
        await s.play("more")
        assert [m.text for m in s.messages] == ["first", "one", "more", "three"]
        assert [m.text for m in s.model.requests[-1].messages] == ["first", "one", "more"]
        assert await names(s) == {"main": True, "fresh": False}
        with pytest.raises(StoreError, match="no branch nowhere"):
            await s.session.switch("nowhere")


async def test_a_label_is_seen_in_the_tree(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", ["one"]) as s:
        await s.play("first")
        await s.session.label(s.session.view.entries[1].id, "good")
        assert [node.labels for node in (await s.session.tree()).nodes] == [(), ("good",)]
        await s.session.label(s.session.view.entries[1].id, "good", on=False)
        assert [node.labels for node in (await s.session.tree()).nodes] == [(), ()]


async def test_a_fork_goes_on_by_itself_and_begins_without_costs(tmp_path: Path) -> None:
    env = scripted_home(tmp_path / "home", [{"text": "One.", "usage": {"input": 100}}] * 2)
    (tmp_path / "ws").mkdir()
    async with Runtime(tmp_path / "ws", env=env) as runtime:
        source = await runtime.open()
        await source.submit("hi")
        await source.idle()
        await source.rename("Mine")
        at = source.view.head
        forked = await runtime.fork(source.id, at)
        assert (forked.view.cost_nano, forked.view.usage.input) == (0, 0)
        await forked.submit("more")
        await forked.idle()
        assert texts(source.view.entries) == ["hi", "One."]
        assert texts(forked.view.entries) == ["hi", "One.", "more", "One."]
        info = await runtime.info(forked.id)
        assert (info.kind, info.parent, info.parent_entry) == ("fork", source.id, at)
        assert (info.title, info.title_source) == ("Mine", "user")
        assert info.cost_nano == (await runtime.info(source.id)).cost_nano > 0
