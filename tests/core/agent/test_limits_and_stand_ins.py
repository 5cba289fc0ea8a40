"""Where a turn stops by itself, and who answers when the model cannot."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from ion_core.agent.budget import Limits
from ion_core.agent.loop import UNFINISHED_LIMIT
from ion_core.errors import BadRequest, Overloaded
from ion_core.events import Notice, StepEnded, StepStarted
from ion_core.messages import Image, Message, Reasoning, Text
from ion_core.providers.base import Request
from ion_core.providers.script import Reply
from ion_core.usage import Usage
from tests.fakes.scene import MODEL, call, scene

USAGE = Usage(input=1_000, output=500)
"""Two thousandths of a dollar at the scene's price."""


def working(id: str) -> Reply:
    return Reply(parts=(call("list", id),), usage=USAGE)


def said(text: str, **known: object) -> Reply:
    return Reply(parts=(Text(text=text),), usage=USAGE, **known)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("limits", "reason", "word"),
    [
        (Limits(cost_nano=4_000_000), "budget", "cost"),
        (Limits(tokens=3_000), "budget", "tokens"),
        (Limits(steps=2), "max_turns", "turn limit"),
    ],
)
async def test_a_turn_stops_at_its_limit_and_keeps_what_was_done(
    tmp_path: Path, limits: Limits, reason: str, word: str
) -> None:
    script = [working("a"), working("b"), working("c"), said("never")]
    async with scene(tmp_path / "ws", script, limits=limits) as s:
        ended = await s.play("go")
        assert (ended.reason, word in ended.error) == (reason, True)
        assert [result.call for result in s.results] == ["a", "b"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply(parts=(Text(text="Searching."),), usage=USAGE, stop="pause"),
        Reply(parts=(call("list", "a"),), usage=USAGE, stop="max_tokens"),
    ],
)
async def test_a_model_that_never_comes_to_an_end_is_stopped(tmp_path: Path, reply: Reply) -> None:
    async with scene(tmp_path / "ws", [reply] * (UNFINISHED_LIMIT + 2)) as s:
        ended = await s.play("go")
        assert (ended.reason, "no end" in ended.error) == ("error", True)
        assert len([e for e in s.events if isinstance(e, StepEnded)]) == UNFINISHED_LIMIT


async def test_an_answer_that_ends_at_the_limit_is_done(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [said("ok")], limits=Limits(tokens=10)) as s:
        assert (await s.play("go")).reason == "done"


async def test_what_the_provider_charges_counts_more_than_a_price(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [said("ok", cost_nano=7)]) as s:
        await s.play("go")
        assert next(e for e in s.events if isinstance(e, StepEnded)).cost_nano == 7
        assert (await s.store.info(s.session.id)).cost_nano == 7


async def test_an_answer_that_pauses_is_gone_on_with(tmp_path: Path) -> None:
    async with scene(tmp_path / "ws", [said("half", stop="pause"), said("whole")]) as s:
        assert (await s.play("go")).reason == "done"
        assert [m.text for m in s.messages] == ["go", "half", "whole"]


async def test_an_unreadable_call_is_asked_for_once_more_and_the_word_is_not_kept(
    tmp_path: Path,
) -> None:
    asked: list[Request] = []

    def again(request: Request) -> Reply:
        asked.append(request)
        return said("ok")

    unreadable = Reply(parts=(), usage=USAGE, stop="malformed_tool_call")
    async with scene(tmp_path / "ws", [unreadable, again]) as s:
        assert (await s.play("go")).reason == "done"
        assert "could not be read" in asked[0].messages[-1].text
        assert [m.text for m in s.messages] == ["go", "ok"]


async def test_a_second_unreadable_call_ends_the_turn(tmp_path: Path) -> None:
    unreadable = Reply(parts=(), usage=USAGE, stop="malformed_tool_call")
    async with scene(tmp_path / "ws", [unreadable, unreadable]) as s:
        ended = await s.play("go")
        assert (ended.reason, ended.error_kind) == ("error", "stream_broken")


async def test_another_model_takes_over_when_one_is_overloaded(tmp_path: Path) -> None:
    busy = Overloaded("Busy.", retry_after=0.0)
    script = [busy, busy, working("a"), said("done")]
    async with scene(tmp_path / "ws", script, stand_ins=("scripted/other",)) as s:
        assert (await s.play("go")).reason == "done"
        models = [e.model for e in s.events if isinstance(e, StepStarted)]
        assert models == ["scripted/scripted", "scripted/other", "scripted/other"]
        told = [e.text for e in s.events if isinstance(e, Notice)]
        assert told == ["scripted/scripted does not answer (Busy.) scripted/other takes over."]
        assert isinstance(s.messages[-1], Message)
        assert s.messages[-1].origin is not None
        assert s.messages[-1].origin.model == "other"


async def test_a_wrong_request_is_nobody_elses(tmp_path: Path) -> None:
    script = [BadRequest("No."), said("never")]
    async with scene(tmp_path / "ws", script, stand_ins=("scripted/other",)) as s:
        assert (await s.play("go")).reason == "error"


async def test_thoughts_alone_are_no_answer_and_are_asked_for_again(tmp_path: Path) -> None:
    thought = Reply(parts=(Reasoning(text="hm"),), usage=USAGE)
    async with scene(tmp_path / "ws", [thought, said("ok")]) as s:
        assert (await s.play("go")).reason == "done"
        assert [m.text for m in s.messages] == ["go", "ok"]


async def test_a_deprecated_model_says_what_to_use_instead(tmp_path: Path) -> None:
    old = replace(MODEL, deprecated=True, successor="newer")
    async with scene(tmp_path / "ws", [said("ok")], model=old) as s:
        await s.play("go")
        told = [e.text for e in s.events if isinstance(e, Notice)]
        assert told == ["scripted/scripted is deprecated by its maker. Use scripted/newer."]


async def test_the_window_is_that_of_the_model_that_answers(tmp_path: Path) -> None:
    busy = Overloaded("Busy.", retry_after=0.0)
    windows = {"scripted/other": 7_000}
    async with scene(
        tmp_path / "ws", [busy, busy, said("done")], stand_ins=tuple(windows), windows=windows
    ) as s:
        await s.play("go")
        assert s.session.view.window == 7_000


async def test_a_model_chosen_while_another_works_is_named_when_the_turn_is_over(
    tmp_path: Path,
) -> None:
    async with scene(tmp_path / "ws", [working("a"), said("done")]) as s:
        await s.session.submit("go")
        await s.until(StepStarted)
        await s.session.set_model("scripted/other")
        await s.session.idle()
        models = [e.model for e in s.hear() if isinstance(e, StepStarted)]
        assert models == ["scripted/scripted"] * 2
        assert s.session.view.model == "scripted/other"


@pytest.mark.parametrize(("vision", "warnings"), [(False, 1), (True, 0)])
async def test_a_picture_for_a_model_that_sees_none_is_said(
    tmp_path: Path, vision: bool, warnings: int
) -> None:
    model = replace(MODEL, vision=vision)
    async with scene(tmp_path / "ws", [said("ok")], model=model) as s:
        await s.session.submit("what is this?", [Image(media_type="image/png", sha256="0" * 64)])
        await s.session.idle()
        told = [e for e in s.hear() if isinstance(e, Notice) and "pictures" in e.text]
        assert len(told) == warnings
