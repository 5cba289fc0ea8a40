"""What becomes of an answer that a safety system stopped."""

from __future__ import annotations

from typing import Any

import pytest

from ion_core.agent.step import Step, StepFailed
from ion_core.errors import Refused
from ion_core.messages import Part, Reasoning, StopReason, Text, user
from ion_core.providers.base import Request
from ion_core.providers.script import Reply
from ion_core.providers.scripted import ScriptedProvider

REQUEST = Request(model="scripted", system="", messages=(user("Go on."),))


async def unheard(event: Any) -> None:
    """Nobody listens."""


def step(stop: StopReason, *parts: Part) -> Step:
    return Step(ScriptedProvider([Reply(parts=parts, stop=stop)]), REQUEST, unheard)


@pytest.mark.parametrize("stop", ["refusal", "content_filter"])
@pytest.mark.parametrize("parts", [(), (Reasoning(text="hm"),), (Text(text=" "),)])
async def test_without_a_word_it_is_an_error(stop: StopReason, parts: tuple[Part, ...]) -> None:
    with pytest.raises(StepFailed, match="safety system") as failure:
        await step(stop, *parts).ask()
    assert isinstance(failure.value.error, Refused)


async def test_words_before_it_are_the_answer() -> None:
    answer = await step("refusal", Text(text="I will not.")).ask()
    assert (answer.message.text, answer.message.stop) == ("I will not.", "refusal")


async def test_the_explanation_of_the_provider_is_told() -> None:
    why = "The request looks like an attack."
    provider = ScriptedProvider([Reply(parts=(), stop="refusal", explanation=why)])
    with pytest.raises(StepFailed, match=r"answer: The request looks like an attack\. Ask"):
        await Step(provider, REQUEST, unheard).ask()
