"""What was typed and not sent is there again, in the session that it was typed for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ion_core.errors import SessionBusy
from ion_core.ids import SessionId
from tests.fakes.stage_session import StageSession
from tests.tui.conftest import Stage


def files(home: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in (home / "drafts").glob("*")}


async def test_a_draft_of_a_new_session_is_there_after_a_restart(
    stage: Stage, ion_home: Path
) -> None:
    async with stage() as show:
        await show.type("half a thou")
        show.app.leave()
    (path,) = (ion_home / "drafts").iterdir()
    assert path.read_text() == "half a thou"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.rename(path.with_name("-".join([*path.stem.split("-")[:2], "2147483646", "1"]) + ".txt"))
    async with stage() as show:
        assert show.prompt.text == "half a thou"
        show.app.leave()
    assert list(files(ion_home).values()) == ["half a thou"]
    assert str(os.getpid()) in next(iter(files(ion_home)))


async def test_what_another_ion_that_runs_is_typing_is_left_to_it(
    stage: Stage, ion_home: Path
) -> None:
    async with stage() as show:
        await show.type("mine")
        show.app.leave()
    (path,) = (ion_home / "drafts").iterdir()
    path.rename(path.with_name("-".join([*path.stem.split("-")[:2], str(os.getppid()), "0.txt"])))
    async with stage() as show:
        assert show.prompt.text == ""


async def test_a_prompt_that_was_sent_is_no_draft_any_more(stage: Stage, ion_home: Path) -> None:
    async with stage() as show:
        await show.type("do it")
        show.screen.drafts.flush()
        assert list(files(ion_home).values()) == ["do it"]
        await show.press("enter")
        assert show.session.asked[0] == ("submit", "do it")
        assert files(ion_home) == {}


async def test_a_prompt_that_cannot_be_sent_stays_a_draft(
    stage: Stage, ion_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(self: StageSession, text: str) -> None:
        raise SessionBusy("Another ion (pid 7) writes this session.")

    monkeypatch.setattr(StageSession, "submit", refuse)
    async with stage() as show:
        await show.type("do it")
        await show.press("enter")
        assert show.prompt.text == "do it"
        show.screen.drafts.flush()
        assert list(files(ion_home).values()) == ["do it"]


async def test_each_session_has_its_own_draft_and_keeps_it_over_a_restart(
    stage: Stage, ion_home: Path
) -> None:
    async with stage() as show:
        await show.type("hello")
        await show.press("enter")
        await show.session.answer("Hi.")
        await show.session.end()
        first = show.screen.session_id
        await show.type("second thought")
        await show.press("ctrl+x", "n")
        assert show.prompt.text == ""
        await show.type("something else")
        show.app.leave()
    assert files(ion_home)[f"{SessionId(first)}.txt"] == "second thought"
    assert sorted(files(ion_home).values()) == ["second thought", "something else"]
