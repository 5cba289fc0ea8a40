"""The search of the sidebar: what was said, found while it is typed, and opened there."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.ids import CallId
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user
from ion_core.sessions.base import Append
from tests.tui.kept_sessions import Kept, Shown, opened

SIZES = [(80, 24), (200, 50)]


@pytest.fixture
def kept(ion_home: Path, tmp_path: Path) -> Kept:
    return Kept(ion_home, tmp_path)


def long_talk(needle: str) -> list[str]:
    """Forty exchanges; the needle is in the tenth answer."""
    talk = []
    for n in range(40):
        talk += [f"question {n}", f"answer {n} {needle if n == 10 else 'hay'}\n\n" + "line\n" * 6]
    return talk


@pytest.mark.parametrize("size", SIZES)
async def test_a_phrase_of_an_old_message_is_found_and_opened_there(
    kept: Kept, size: tuple[int, int]
) -> None:
    old = await kept.keep("Old talk", *long_talk("zanzibar"), age_s=90_000)
    await kept.keep("New talk", "hello", "hi")
    async with opened(kept, size=size) as shown:
        await shown.press("ctrl+x", "b")
        if size[0] > 100:
            await shown.press("ctrl+x", "b")
        shown.sidebar.sessions.focus()
        await shown.press("slash")
        await shown.type("zanzibar")
        screen = await shown.until("1 found")
        assert "Old talk" in screen
        assert "zanzibar" in screen.partition("Old talk")[2]
        await shown.press("enter")
        assert shown.session.id == old
        assert "answer 10 zanzibar" in shown.text
        assert "answer 39" not in shown.text
        assert not shown.screen.transcript.following
        assert shown.screen.composer.prompt.has_focus


async def test_a_hit_on_another_branch_switches_to_it(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer", "two", "an aardvark")
    await kept.branch(session, "three", "a badger")
    async with opened(kept) as shown:
        shown.sidebar.sessions.focus()
        await shown.press("slash")
        await shown.type("aardvark")
        await shown.until("1 found")
        await shown.press("enter")
        await shown.until("an aardvark")
        assert "a badger" not in shown.text
        branches = await (await shown.runtime()).store.branches(session)
        assert [branch.name for branch in branches if branch.active] == ["main"]
        assert len(branches) == 2


async def test_the_message_is_marked_until_somebody_moves(kept: Kept) -> None:
    await kept.keep("Old talk", *long_talk("zanzibar"))
    async with opened(kept) as shown:
        await shown.type("/search zanzibar")
        await shown.press("enter")
        await shown.until("1 found")
        await shown.press("enter")
        transcript = shown.screen.transcript
        marked = transcript.app.theme_variables["ion-selection"].lower()
        assert marked in grounds(shown)
        await shown.press("pageup")
        assert marked not in grounds(shown)


def grounds(shown: Shown) -> set[str]:
    """The colours behind the conversation."""
    lines = map(shown.screen.transcript.render_line, range(40))
    styles = (segment.style for line in lines for segment in line)
    colours = (style.bgcolor for style in styles if style and style.bgcolor)
    return {colour.triplet.hex for colour in colours if colour.triplet}


async def test_titles_that_fit_come_first(kept: Kept) -> None:
    await kept.keep("About parsers", "nothing", "of the kind")
    await kept.keep("Other", "the parsers are slow", "yes")
    async with opened(kept) as shown:
        shown.sidebar.sessions.focus()
        await shown.press("slash")
        await shown.type("parsers")
        await shown.until("2 found")
        hits = shown.sidebar._hits
        assert hits is not None
        assert [(each.title, each.role) for each in hits.found] == [
            ("About parsers", ""),
            ("Other", "user"),
        ]


async def test_filters_are_told_before_anything_is_typed_and_narrow_what_is_found(
    kept: Kept,
) -> None:
    await kept.keep("One", "a walrus", "yes", model="play/one")
    await kept.keep("Two", "a walrus", "no", model="play/two")
    async with opened(kept) as shown:
        shown.sidebar.sessions.focus()
        await shown.press("slash")
        assert "tag:NAME" in shown.text
        await shown.type("walrus model:two")
        screen = await shown.until("1 found")
        assert "Two" in screen
        await shown.type("zzz")
        await shown.until("Nothing found.")


async def test_esc_goes_back_to_the_tree_where_it_was(kept: Kept) -> None:
    await kept.keep("One", "a", "b")
    await kept.keep("Two", "a", "b", age_s=120)
    async with opened(kept) as shown:
        await shown.to("Two")
        await shown.press("slash")
        await shown.type("a")
        await shown.press("escape")
        assert shown.sidebar.sessions.has_focus
        row = shown.sidebar.sessions.row
        assert row is not None
        assert row.text == "Two"
        assert "Search" not in shown.text.splitlines()[0]


async def test_slash_search_asks_from_the_prompt_at_80_columns(kept: Kept) -> None:
    await kept.keep("Whales", "is a narwhal a whale", "it is")
    async with opened(kept, size=(80, 24)) as shown:
        await shown.type("/search narwhal")
        await shown.press("enter")
        screen = await shown.until("1 found")
        assert "is a narwhal a whale" in screen


async def test_a_match_in_folded_output_is_unfolded(kept: Kept) -> None:
    session = await kept.keep("Ran", "go", "yes")
    call = ToolCall(id=CallId("c1"), name="bash", arguments={"command": "make"})
    result = ToolResult(call=call.id, name="bash", status="ok", content="x\n" * 3 + "quokka\n")
    asked = Message(role="assistant", parts=(Text(text="I run it."), call), stop="tool_use")
    async with kept.store() as store:
        bodies = [user("run it"), asked, answered(result)]
        await store.commit(session, *(Append(body=body) for body in bodies))
    async with opened(kept) as shown:
        shown.sidebar.sessions.focus()
        await shown.press("slash")
        await shown.type("quokka")
        await shown.until("1 found")
        await shown.press("enter")
        await shown.until("I run it.")
        chat = shown.screen.regions.chat()
        rows = [line[chat.x : chat.right] for line in shown.text.splitlines()]
        assert any("quokka" in row for row in rows)


async def test_tab_searches_all_projects(kept: Kept, tmp_path: Path) -> None:
    elsewhere = Kept(kept.home, tmp_path / "elsewhere")
    elsewhere.folder.mkdir()
    await elsewhere.keep("Far away", "a platypus", "yes")
    async with opened(kept) as shown:
        shown.sidebar.sessions.focus()
        await shown.press("slash")
        await shown.type("platypus")
        await shown.until("Nothing found.")
        await shown.press("tab")
        screen = await shown.until("1 found")
        assert "everywhere" in screen


async def test_the_keyboard_comes_back_to_a_search_that_was_left(kept: Kept) -> None:
    await kept.keep("Whales", "is a narwhal a whale", "it is")
    async with opened(kept) as shown:
        shown.sidebar.sessions.focus()
        await shown.press("slash")
        await shown.type("narwhal")
        await shown.until("1 found")
        await shown.press("f6")
        assert shown.screen.composer.prompt.has_focus
        await shown.press("shift+f6")
        assert shown.sidebar.has_focus_within
        await shown.press("f6")
        await shown.type("/sessions")
        await shown.press("enter", "enter")
        await shown.until("is a narwhal a whale")
        assert not shown.sidebar.searching
