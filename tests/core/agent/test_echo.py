"""A model that only repeats itself is stopped, and asked once more."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ion_core.agent.echo import Echo
from ion_core.agent.step import ENOUGH
from ion_core.events import StepRetrying
from ion_core.messages import Text
from ion_core.providers.script import Reply
from tests.fakes.scene import scene

PASSAGE = "I will now check the configuration once more to be certain that it is right. "


def heard(text: str, piece: int = 7) -> bool:
    echo = Echo()
    return any(echo.repeats(text[i : i + piece]) for i in range(0, len(text), piece))


@pytest.mark.parametrize(
    "passage", [PASSAGE, "wait, ", "ha", PASSAGE * 4, "Yes.\n\nNo, let me think.\n"]
)
def test_the_same_passage_again_and_again_is_noticed(passage: str) -> None:
    assert heard("So: " + passage * (12 + 6_000 // len(passage)))


def test_a_few_times_are_none() -> None:
    assert not heard("So: " + PASSAGE * 6 + "Done. " + PASSAGE * 6)


def test_ordinary_text_is_none() -> None:
    words = random.Random(1)
    assert not heard(" ".join(words.choice(PASSAGE.split()) for _ in range(20_000)))


@pytest.mark.parametrize(
    "text",
    [
        "```\n" + "x = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]\n" * 90 + "```\n",
        "| a | b |\n" + "| " + "-" * 900 + " |",
        "| 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 | 0 |\n" * 40,
        " " * 4_000,
    ],
)  # fmt: skip
def test_code_tables_and_blanks_are_left_alone(text: str) -> None:
    for piece in (1, 7, 480, 66):
        assert not heard(text, piece)


async def test_it_is_asked_once_more_and_told_why(tmp_path: Path) -> None:
    steps = [Reply(parts=(Text(text=PASSAGE * 50),)), "A real answer."]
    async with scene(tmp_path / "ws", steps) as s:
        ended = await s.play("go")
        assert ended.reason == "done"
        assert [message.text for message in s.messages] == ["go", "A real answer."]
        assert s.model.requests[1].messages[-1] == ENOUGH
        retries = [event for event in s.events if isinstance(event, StepRetrying)]
        assert "same again" in retries[0].reason


async def test_the_second_time_is_the_end(tmp_path: Path) -> None:
    reply = Reply(parts=(Text(text=PASSAGE * 50),))
    async with scene(tmp_path / "ws", [reply] * 4) as s:
        ended = await s.play("go")
        assert (ended.reason, ended.error_kind) == ("error", "stream_broken")
        assert len(s.model.requests) == 2
