"""The keys of the sidebar, on a real store: each does what ``ion sessions`` would."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.kept_sessions import Kept, Shown, opened


@pytest.fixture
def kept(ion_home: Path, tmp_path: Path) -> Kept:
    return Kept(ion_home, tmp_path)


SIZES = [(80, 24), (200, 50)]


def line(shown: Shown, text: str) -> str:
    """The row of the screen with a text."""
    return next(row for row in shown.text.splitlines() if text in row)


@pytest.mark.parametrize("size", SIZES)
async def test_p_pins_a_session_to_the_top_and_again_lets_go(
    kept: Kept, size: tuple[int, int]
) -> None:
    session = await kept.keep("One", "a", "b")
    async with opened(kept, size=size) as shown:
        await shown.to("One")
        await shown.press("p")
        assert (await shown.info(session)).pinned
        assert shown.rows == ["Pinned", "One"]
        assert "★ One" in shown.text
        await shown.press("p")
        assert not (await shown.info(session)).pinned


@pytest.mark.parametrize("size", SIZES)
async def test_t_gives_a_tag_that_is_typed_and_takes_it_again(
    kept: Kept, size: tuple[int, int]
) -> None:
    session = await kept.keep("One", "a", "b")
    async with opened(kept, size=size) as shown:
        await shown.to("One")
        await shown.press("t")
        await shown.type("parser")
        await shown.press("enter", "escape")
        assert (await shown.info(session)).tags == ("parser",)
        assert "One #parser" in shown.text
        await shown.press("t", "enter", "escape")
        assert (await shown.info(session)).tags == ()


async def test_space_marks_several_for_a_tag(kept: Kept) -> None:
    one = await kept.keep("One", "a", "b")
    two = await kept.keep("Two", "a", "b", age_s=120)
    async with opened(kept) as shown:
        await shown.to("One")
        await shown.press("space", "space")
        assert "2 marked" in shown.text
        await shown.press("t")
        assert "2 sessions" in shown.text
        await shown.type("both")
        await shown.press("enter", "escape")
        assert [(await shown.info(each)).tags for each in (one, two)] == [("both",), ("both",)]
        assert "marked" not in shown.text


async def test_marked_sessions_are_deleted_together_and_come_back_together(kept: Kept) -> None:
    one = await kept.keep("One", "a", "b")
    two = await kept.keep("Two", "a", "b", age_s=120)
    async with opened(kept) as shown:
        await shown.to("One")
        await shown.press("space", "space", "d")
        assert shown.rows == ["Trash"]
        assert "2 sessions" in shown.toasts
        await shown.press("u")
        assert [(await shown.info(each)).deleted_at for each in (one, two)] == [None, None]
        assert shown.rows == ["Today", "One", "Two"]


@pytest.mark.parametrize("size", SIZES)
async def test_the_trash_shows_what_was_deleted_before_and_u_restores_it(
    kept: Kept, size: tuple[int, int]
) -> None:
    from ion_core.sessions.base import Change

    session = await kept.keep("Gone", "a", "b")
    async with kept.store() as store:
        await store.commit(session, Change(deleted=True))
    async with opened(kept, size=size) as shown:
        await shown.to("Trash")
        await shown.press("right", "down", "enter")
        assert "in the trash" in shown.toasts
        await shown.press("u")
        assert (await shown.info(session)).deleted_at is None
        assert "Gone" in shown.rows


async def test_archived_sessions_are_at_the_end_and_come_back_with_the_same_key(
    kept: Kept,
) -> None:
    session = await kept.keep("Old", "a", "b")
    async with opened(kept) as shown:
        await shown.to("Old")
        await shown.press("A")
        assert shown.rows == ["Archived"]
        await shown.to("Archived")
        await shown.press("enter", "down", "A")
        assert shown.rows == ["Today", "Old"]
        assert not (await shown.info(session)).archived


async def test_right_shows_the_branches_and_enter_switches_to_one(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer", "two", "an aardvark")
    await kept.branch(session, "three", "a badger")
    async with opened(kept, session=session) as shown:
        assert "a badger" in shown.text
        await shown.to("Talk")
        assert "▸2" in line(shown, "Talk")
        await shown.press("right")
        await shown.until("main~2")
        assert shown.rows[-2:] == ["├ main", "└ main~2"]
        await shown.press("down", "enter")
        await shown.until("an aardvark")
        await shown.settle()
        assert (await shown.info(session)).branch == "main"


async def test_r_on_a_branch_names_it(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer", "two", "an aardvark")
    await kept.branch(session, "three", "a badger")
    async with opened(kept) as shown:
        await shown.to("Talk")
        await shown.press("right")
        await shown.until("main~2")
        await shown.press("down", "down", "r", "ctrl+u")
        await shown.type("badger")
        await shown.press("enter")
        await shown.until("badger")
        assert (await shown.info(session)).branch == "badger"


async def test_left_goes_from_a_branch_to_its_session_and_folds_it(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer", "two", "an aardvark")
    await kept.branch(session, "three", "a badger")
    async with opened(kept) as shown:
        await shown.to("Talk")
        await shown.press("right")
        await shown.until("main~2")
        await shown.press("down", "down", "left")
        row = shown.sidebar.sessions.row
        assert row is not None
        assert row.text == "Talk"
        await shown.press("left")
        assert shown.rows == ["Today", "Talk"]


async def test_f_forks_a_session_and_shows_the_fork_below_it(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer")
    async with opened(kept) as shown:
        await shown.to("Talk")
        await shown.press("f")
        info = await shown.info(shown.session.id)
        assert (info.kind, info.parent) == ("fork", session)
        assert "first answer" in shown.text
        assert "└ " in shown.rows[-1]


@pytest.mark.parametrize("size", SIZES)
async def test_i_shows_everything_about_a_session_and_changes_its_description(
    kept: Kept, size: tuple[int, int]
) -> None:
    session = await kept.keep("Talk", "one", "first answer")
    async with opened(kept, size=size) as shown:
        await shown.to("Talk")
        await shown.press("i")
        assert "2 entries" in shown.text
        await shown.press("down", "enter")
        await shown.type("what it was about")
        await shown.press("enter")
        assert "what it was about" in shown.text
        await shown.press("escape")
        assert (await shown.info(session)).description == "what it was about"


async def test_a_description_can_be_taken_away(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer")
    async with opened(kept) as shown:
        await shown.to("Talk")
        await shown.press("i", "down", "enter")
        await shown.type("soon forgotten")
        await shown.press("enter", "down", "enter")
        await shown.press("ctrl+u")
        assert "No description" in shown.text
        await shown.press("enter")
        assert "none yet" in shown.text
        assert (await shown.info(session)).description == ""


async def test_e_exports_to_a_file_in_the_folder_and_says_so(kept: Kept) -> None:
    await kept.keep("Talk: one/two", "one", "first answer")
    async with opened(kept) as shown:
        await shown.to("Talk: one/two")
        await shown.press("E", "enter")
        await shown.settle()
    written = (kept.folder / "talk-one-two.md").read_text()
    assert "first answer" in written


async def test_export_takes_a_path_and_never_overwrites(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer")
    target = kept.folder / "out.html"
    async with opened(kept, session=session) as shown:
        for _ in range(2):
            await shown.type("/export html out.html")
            await shown.press("enter")
        assert "out.html" in shown.toasts
    assert target.read_text().startswith("<!")
    assert target.stat().st_mode & 0o777 == 0o600


KEY = "sk-ant-" + "api03-" + "a1B2c3D4e5F6" * 3


@pytest.mark.parametrize(
    "words", ["html --redact out.html", "--redact html out.html", "out.html --redact"]
)
async def test_export_leaves_secrets_out_where_asked(kept: Kept, words: str) -> None:
    session = await kept.keep("Talk", f"use {KEY} in {Path.home()}/place", "first answer")
    async with opened(kept, session=session) as shown:
        await shown.type("/export html plain.html")
        await shown.press("enter")
        await shown.type(f"/export {words}")
        await shown.press("enter")
        assert "without keys" in shown.toasts
    plain = (kept.folder / "plain.html").read_text()
    assert KEY not in plain
    assert f"{Path.home()}/place" in plain
    redacted = (kept.folder / "out.html").read_text()
    assert KEY not in redacted
    assert "~/place" in redacted
    assert "first answer" in redacted


async def test_the_list_of_formats_leaves_secrets_out_where_asked(kept: Kept) -> None:
    await kept.keep("Talk", f"use {KEY}", "first answer")
    async with opened(kept) as shown:
        await shown.to("Talk")
        await shown.press("E")
        await shown.type("--redact md")
        assert "without keys and tokens" in shown.text
        await shown.press("enter")
        await shown.settle()
    written = (kept.folder / "talk.md").read_text()
    assert "first answer" in written
    assert KEY not in written


async def test_what_was_exported_is_imported_again(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer")
    other = Kept(kept.home.with_name("other"), kept.folder)
    async with opened(kept, session=session) as shown:
        await shown.type("/export jsonl")
        await shown.press("enter")
    async with opened(other) as shown:
        await shown.type("/import talk.jsonl")
        await shown.press("enter")
        await shown.until("first answer")
        assert "Imported 2 entries" in shown.toasts


async def test_importing_what_is_no_session_says_so(kept: Kept) -> None:
    (kept.folder / "notes.txt").write_text("hello")
    async with opened(kept) as shown:
        await shown.type("/import notes.txt")
        await shown.press("enter")
        assert "no export of ion" in shown.toasts
        await shown.type("/import missing.jsonl")
        await shown.press("enter")
        assert "cannot be read" in shown.toasts


async def test_the_keys_at_the_foot_are_those_of_the_row(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer")
    async with opened(kept, size=(80, 24)) as shown:
        await shown.to("Talk")
        assert "p pin" in shown.text
        await shown.press("up")
        assert "p pin" not in shown.text
        assert "/ searches" in shown.text
        await shown.press("escape")
        assert "/ searches" not in shown.text
        assert session


async def test_slash_sessions_goes_to_the_tree_at_80_columns(kept: Kept) -> None:
    await kept.keep("Talk", "one", "first answer")
    async with opened(kept, size=(80, 24)) as shown:
        await shown.type("/sessions")
        await shown.press("enter")
        assert shown.sidebar.sessions.has_focus
        assert "Talk" in shown.text


async def test_the_session_on_screen_is_deleted_brought_back_and_opened_again(kept: Kept) -> None:
    session = await kept.keep("Talk", "one", "first answer")
    async with opened(kept, session=session) as shown:
        await shown.to("Talk")
        await shown.press("d")
        assert shown.session.id != session
        await shown.press("u")
        await shown.to("Talk")
        await shown.press("enter")
        await shown.until("first answer")
        assert not shown.session.closed
