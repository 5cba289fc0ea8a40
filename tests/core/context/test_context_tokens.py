from __future__ import annotations

from pathlib import Path

from ion_core.context.tokens import PER_IMAGE, PER_MESSAGE, Estimate, Tokens
from ion_core.entries import Body, Entry, ModeChange
from ion_core.ids import CallId, entry_id
from ion_core.messages import (
    Image,
    Message,
    Origin,
    Part,
    Reasoning,
    StopReason,
    Text,
    ToolResult,
    answered,
    user,
)
from ion_core.providers.base import ToolSpec
from ion_core.usage import Usage

TOOL = ToolSpec(name="read", description="Reads a file.", schema={"type": "object"})


def guess(
    tokens: Tokens, *bodies: Body, model: str = "m", tools: tuple[ToolSpec, ...] = ()
) -> Estimate:
    entries = [
        Entry(id=entry_id(row), parent=None, at=0.0, body=body)
        for row, body in enumerate(bodies, 1)
    ]
    return tokens.estimate(entries, system="s" * 350, tools=tools, provider="p", model=model)


def answer(
    *parts: Part, usage: Usage | None = None, stop: StopReason = "end_turn", model: str = "m"
) -> Message:
    origin = Origin(protocol="openai-chat", provider="p", base_url="", model=model)
    return Message(role="assistant", parts=parts, origin=origin, stop=stop, usage=usage)


def counted(prompt: int, output: int = 0, *, reasoning: int | None = None) -> Message:
    usage = Usage(input=prompt, output=output, reasoning=reasoning)
    return answer(Text(text="yes"), usage=usage)


def result(content: str) -> Message:
    return answered(ToolResult(call=CallId("c"), name="x", status="ok", content=content))


def test_without_any_usage_everything_is_counted() -> None:
    bare = guess(Tokens(None), user("u" * 700))
    assert bare.tokens == 100 + 200 + 2 * PER_MESSAGE
    assert guess(Tokens(None), user("u" * 700), tools=(TOOL,)).tokens > bare.tokens


def test_the_providers_own_count_stands_and_only_what_came_later_is_added() -> None:
    said = guess(Tokens(None), user("u" * 99_999), counted(1000, 50), result("r" * 350))
    assert said.tokens == 1050 + 100 + PER_MESSAGE


def test_an_answer_without_usage_is_part_of_what_came_later() -> None:
    silent = answer(Text(text="t" * 35))
    said = guess(Tokens(None), counted(1000), user("u" * 35), silent, ModeChange(mode="read"))
    assert said.tokens == 1000 + 10 + 10 + 2 * PER_MESSAGE


def test_of_a_partial_answer_only_the_text_is_sent_back() -> None:
    half = answer(Reasoning(text="r" * 9_000), Text(text="half"), stop="interrupted")
    nothing = answer(Reasoning(text="r" * 9_000), stop="interrupted")
    tokens = Tokens(None)
    assert guess(tokens, counted(1000), half, user("go on")).tokens < 1050
    assert guess(tokens, counted(1000), nothing, user("go on")).tokens < 1030


def test_scripts_of_many_bytes_count_more_than_their_characters() -> None:
    latin = guess(Tokens(None), counted(1000), user("a" * 100)).tokens
    assert guess(Tokens(None), counted(1000), user("今" * 100)).tokens > latin + 50


def test_a_picture_has_a_price_of_its_own_and_teaches_nothing() -> None:
    picture = Image(media_type="image/png", sha256="0" * 64)
    seen = Message(role="user", parts=(picture, Text(text="what is this?")))
    said = guess(Tokens(None), counted(1000), seen)
    assert said.tokens > 1000 + PER_IMAGE
    assert not said.teaches


def test_what_a_model_makes_of_the_same_text_is_learnt() -> None:
    tokens = Tokens(None)
    for _ in range(30):
        said = guess(tokens, counted(1000), result("r" * 3500))
        tokens.learn(said, Usage(input=1000 + 1500))
    assert abs(guess(tokens, counted(1000), result("r" * 3500)).tokens - 2500) < 25
    assert guess(tokens, counted(1000), result("r" * 3500), model="other").tokens < 2100


def test_a_prompt_that_shrank_teaches_nothing() -> None:
    tokens = Tokens(None)
    before = guess(tokens, counted(90_000), result("r" * 3500))
    tokens.learn(before, Usage(input=20_000))
    assert guess(tokens, counted(90_000), result("r" * 3500)) == before


def test_thoughts_that_nobody_was_shown_are_not_sent_back() -> None:
    said = guess(Tokens(None), counted(1000, 600, reasoning=500), user("go on"))
    assert 1100 < said.tokens < 1120


def test_whether_thoughts_are_sent_back_is_learnt() -> None:
    thoughtful = answer(
        Reasoning(text="hm", signature="s"),
        Text(text="yes"),
        usage=Usage(input=1000, output=600, reasoning=500),
    )
    tokens = Tokens(None)
    believed = guess(tokens, thoughtful, user("go on"))
    assert 1600 < believed.tokens < 1620
    tokens.learn(believed, Usage(input=1110))
    assert 1100 < guess(tokens, thoughtful, user("go on")).tokens < 1120


def test_another_models_count_is_converted() -> None:
    tokens = Tokens(None)
    for _ in range(60):
        tokens.learn(
            guess(tokens, counted(0, 1), counted(1000), result("r" * 7000)), Usage(input=4000)
        )
    said = guess(tokens, counted(15_000), model="fresh")
    assert 9_500 < said.tokens < 11_500
    assert not said.teaches


async def test_what_was_learnt_outlives_the_process(tmp_path: Path) -> None:
    first = Tokens(tmp_path)
    for _ in range(30):
        first.learn(guess(first, counted(1000), result("r" * 3500)), Usage(input=2500))
    expected = guess(first, counted(1000), result("r" * 3500))
    await first.save()
    assert guess(Tokens(tmp_path), counted(1000), result("r" * 3500)) == expected
