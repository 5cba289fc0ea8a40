"""Tools of servers in a session: found, offered, called, and the same after everything."""

from __future__ import annotations

from pathlib import Path

from ion_core.entries import Offered
from tests.fakes.guests import SaidGuest, SomeGuests
from tests.fakes.scene import Scene, call, scene

WORD = {"type": "object", "properties": {"word": {"type": "string"}}, "required": ["word"]}


def _told(on: Scene) -> list[list[str]]:
    return [[tool.name for tool in request.tools] for request in on.model.requests]


async def test_what_a_search_finds_can_be_called_from_the_next_request_on(tmp_path: Path) -> None:
    guests = SomeGuests([SaidGuest("shout", "Says a word loudly", WORD), SaidGuest("count")])
    steps = [
        [call("tool_search", query="say a word loudly")],
        [call("mcp__fake__shout", "c2", word="hey")],
        "done",
    ]
    async with scene(tmp_path / "ws", steps, guests=guests) as on:
        await on.play("shout")
        before, after, last = _told(on)
        offered = [e.body for e in on.session.view.entries if isinstance(e.body, Offered)]
        results = on.results
    assert "mcp__fake__shout" not in before
    assert after == [*before, "mcp__fake__shout"]
    assert last == after
    assert [tool.schema for tool in offered[0].tools] == [WORD]
    assert results[-1].content == "shout was given {'word': 'hey'}"


async def test_eager_ones_are_in_the_first_request_and_once_only(tmp_path: Path) -> None:
    guests = SomeGuests([SaidGuest("shout"), SaidGuest("count")], at_once=["count"])
    async with scene(tmp_path / "ws", ["one", "two"], guests=guests) as on:
        await on.play("a")
        await on.play("b")
        first, second = _told(on)
    assert first[-1] == "mcp__fake__count"
    assert second == first


async def test_a_definition_stays_when_the_server_says_another_one(tmp_path: Path) -> None:
    guest = SaidGuest("shout", "Old words")
    async with scene(
        tmp_path / "ws", ["one", "two"], guests=SomeGuests([guest], at_once=["shout"])
    ) as on:
        await on.play("a")
        guest.description = "New words"
        await on.play("b")
        said = [request.tools[-1].description for request in on.model.requests]
    assert said == ["Old words", "Old words"]


async def test_a_call_waits_for_the_server_of_its_tool(tmp_path: Path) -> None:
    guests = SomeGuests([], late=[SaidGuest("shout", schema=WORD)])
    steps = [[call("mcp__fake__shout", word="hey")], "done"]
    async with scene(tmp_path / "ws", steps, guests=guests) as on:
        await on.play("shout")
        results, told = on.results, _told(on)
    assert guests.waits == 1
    assert results[0].status == "ok"
    assert told[1][-1] == "mcp__fake__shout"


async def test_a_tool_whose_server_is_gone_is_answered_with_why(tmp_path: Path) -> None:
    steps = [[call("mcp__gone__read", path="x")], "done"]
    async with scene(tmp_path / "ws", steps, guests=SomeGuests([])) as on:
        await on.play("read")
        results = on.results
    assert results[0].content.startswith("The server of mcp__gone__read is gone.")


async def test_a_server_s_name_never_means_a_tool_of_ion_s_own(tmp_path: Path) -> None:
    (tmp_path / "ws").mkdir()
    (tmp_path / "ws" / "a.txt").write_text("secret of ion's read")
    steps = [[call("mcp__files__read", path="a.txt")], "done"]
    async with scene(tmp_path / "ws", steps) as on:
        await on.play("read")
        results = on.results
    assert "There is no tool" in results[0].content


async def test_names_with_other_separators_and_wrong_types_are_understood(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "tags": {"type": "array"}},
        "required": ["n"],
    }
    guest = SaidGuest("take_it", schema=schema)
    steps = [[call("mcp.fake.take_it", n="3", tags='["a"]')], [call("fake__take-it", "c2")], "done"]
    async with scene(tmp_path / "ws", steps, guests=SomeGuests([guest])) as on:
        await on.play("take")
        results = on.results
    assert guest.given == [{"n": 3, "tags": ["a"]}]
    assert "'n' is a required property" in results[1].content


async def test_a_search_says_which_servers_it_could_not_ask(tmp_path: Path) -> None:
    guests = SomeGuests([SaidGuest("shout", "Says words")], starting=("slow",))
    steps = [[call("tool_search", query="say words")], "done"]
    async with scene(tmp_path / "ws", steps, guests=guests) as on:
        await on.play("x")
        results = on.results
    assert "Still starting, not searched: slow" in results[0].content


async def test_in_read_mode_it_is_refused(tmp_path: Path) -> None:
    guest = SaidGuest("shout")
    steps = [[call("mcp__fake__shout")], "done"]
    async with scene(tmp_path / "ws", steps, guests=SomeGuests([guest]), mode="read") as on:
        await on.play("x")
        results = on.results
    assert (results[0].status, guest.given) == ("denied", [])
