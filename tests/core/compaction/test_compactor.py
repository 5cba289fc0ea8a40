"""A conversation is made short: by a model, or without one, and never in vain."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ion_core.compaction.base import CannotCompact, Made, Task
from ion_core.compaction.compactor import CheckpointCompactor
from ion_core.compaction.mechanical import mechanical
from ion_core.compaction.sizes import size
from ion_core.compaction.summary import HEADINGS, fault
from ion_core.context.projector import project
from ion_core.context.reading import reading
from ion_core.entries import Body, Compaction, Instructions, Prune
from ion_core.errors import ContextOverflow, Overloaded
from ion_core.messages import Message, user
from tests.fakes.talks import GOOD, MODEL, Teller, answer, call, path, result, task, turns


async def compacted(given: Task, *answers: Message | Exception | str) -> tuple[Compaction, Teller]:
    teller = Teller(*answers or (GOOD,))
    made = await CheckpointCompactor().compact(given, teller)
    assert isinstance(made.entry, Compaction)
    return made.entry, teller


LONG = turns(30, words=400)


async def test_the_model_is_asked_behind_the_request_that_it_has_cached() -> None:
    given = task(path(*LONG), window=200_000, reason="person")
    made, teller = await compacted(given)
    [asked] = teller.asked
    assert (asked.system, asked.tools) == (given.request.system, given.request.tools)
    assert asked.messages[:-1] == given.request.messages
    assert "checkpoint summary" in asked.messages[-1].text
    assert (made.mode, made.summary, made.model) == ("suffix", GOOD, "mock/m")


async def test_it_says_where_what_stays_begins_and_what_a_person_wants_more_of() -> None:
    given = task(path(*LONG), window=200_000, reason="person", focus="the parser")
    made, teller = await compacted(given)
    wish = teller.asked[0].messages[-1].text
    first = LONG[len(LONG) - made.kept]
    assert isinstance(first, Message)
    assert " ".join(first.text.split())[:100] in wish
    assert "the parser" in wish


async def test_what_is_left_is_much_less_and_is_measured() -> None:
    entries = path(*LONG)
    made, _ = await compacted(task(entries))
    after = reading([*entries, *path(made)])
    assert made.tokens_after <= task(entries).ceilings.goal
    assert abs(made.tokens_after - sum(map(size, after))) < 50
    assert after[1:] == reading(entries)[-len(after) + 1 :]


async def test_a_last_result_that_is_longer_than_what_stays_is_shortened() -> None:
    newest = [user("look"), call("n", path="huge.txt"), result("n", "value " * 8_000)]
    entries = path(*LONG, *newest)
    made, _ = await compacted(task(entries, window=200_000, reason="person"))
    after = reading([*entries, *path(made)])
    assert len(made.stubs) == 1
    assert sum(map(size, after[1:])) < 5_000
    assert after[-1].results[0].content == made.stubs[0].text
    again = [*entries, *path(made), *path(user("go on"), answer("yes"))]
    assert made.stubs[0].text in [m.results[0].content for m in reading(again) if m.results]


@pytest.mark.parametrize("bad", ["", "Sure, I will go on with the task.", call("x")])
async def test_what_will_not_do_is_asked_for_again_and_then_done_without(
    bad: str | Message,
) -> None:
    made, teller = await compacted(task(path(*LONG), window=200_000, reason="person"), bad)
    assert len(teller.asked) <= 3
    assert made.mode == "mechanical"
    assert "Done with 0." in made.summary or "Done with 29." in made.summary


async def test_checkpoints_without_a_model_do_not_pile_up() -> None:
    prior = ""
    for number in range(1, 5):
        prior = mechanical(path(answer(f"Step {number} is done.")), most=2_000, prior=prior)
    assert prior.count("## Current state") == 1
    assert [f"Step {n}" in prior for n in range(1, 5)] == [True] * 4
    assert prior.index("Step 1") < prior.index("Step 4")
    small = mechanical(path(answer("Step 5 is done.")), most=60, prior=prior)
    assert "Step 5" in small
    assert "Step 1" not in small


async def test_a_summary_with_a_missing_heading_is_repaired() -> None:
    lacking = GOOD.replace("## Next step", "## Whatever")
    made, teller = await compacted(
        task(path(*LONG), window=200_000, reason="person"), lacking, GOOD
    )
    assert (made.mode, made.summary) == ("suffix", GOOD)
    assert "Next step" in teller.asked[1].messages[-1].text


async def test_after_an_overflow_the_conversation_is_told_as_text() -> None:
    made, teller = await compacted(task(path(*LONG), reason="overflow"))
    [asked] = teller.asked
    assert len(asked.messages) == 1
    assert size(asked.messages[0]) < 32_000
    assert "request 29" in asked.messages[0].text
    assert made.mode == "prepend"


MORE = "## Facts and values\n- the port is 48613\n\n## Next step\n(none)"


async def test_what_a_summary_leaves_out_is_asked_for_where_that_is_wanted() -> None:
    given = task(path(*LONG), window=200_000, reason="person", verify=True)
    made, teller = await compacted(given, GOOD, MORE)
    first, second = teller.asked
    assert second.messages[: len(first.messages)] == first.messages
    assert "checkpoint summary" not in second.messages[-1].text
    at = made.summary.index
    assert at("## Facts and values") < at("- the port is 48613") < at("## Open questions")
    assert fault(made.summary, most=4_000) == ""


TOO_MUCH = MORE.replace("48613", "x " * 40_000)


@pytest.mark.parametrize(
    "more",
    ["", "no headings", GOOD, Overloaded("busy"), TOO_MUCH],
    ids=["empty", "headings", "nothing", "busy", "long"],
)
async def test_where_nothing_comes_of_that_the_summary_stays(more: Exception | str) -> None:
    given = task(path(*LONG), window=200_000, reason="person", verify=True)
    made, teller = await compacted(given, GOOD, more)
    assert (made.summary, len(teller.asked)) == (GOOD, 2)


async def test_a_provider_that_says_too_much_is_told_less() -> None:
    made, teller = await compacted(
        task(path(*LONG), reason="overflow"), ContextOverflow("too much"), GOOD
    )
    first, second = teller.asked
    assert size(second.messages[0]) < 0.9 * size(first.messages[0])
    assert made.mode == "prepend"


async def test_without_any_model_it_is_done_too() -> None:
    made, _ = await compacted(task(path(*LONG)), Overloaded("no"))
    assert (made.mode, made.model) == ("mechanical", "")


async def test_a_summary_before_is_passed_on() -> None:
    first, _ = await compacted(task(path(*LONG)))
    bodies = [*LONG, replace(first, summary="ZEBRA"), *turns(30, words=400)]
    made, teller = await compacted(task(path(*bodies)), Overloaded("no"))
    assert made.number == 2
    assert "ZEBRA" in made.summary
    assert "ZEBRA" in str(teller.asked[0].messages)


async def test_putting_results_away_is_enough_where_it_is() -> None:
    bodies: list[Body] = [*turns(2, words=30_000, calls=1), *turns(20, words=1_000)]
    entries = path(*bodies)
    made = await CheckpointCompactor().compact(task(entries, window=260_000), Teller(GOOD))
    assert isinstance(made.entry, Prune)
    assert made.entry.tokens_after < made.entry.tokens_before


async def test_a_short_conversation_is_left_alone_with_a_sentence() -> None:
    with pytest.raises(CannotCompact, match="short"):
        await compacted(task(path(user("hi"))))
    with pytest.raises(CannotCompact):
        await compacted(task(path(*turns(1, words=2)), keep=0))


async def test_instructions_that_fill_the_window_are_named_as_the_cause() -> None:
    large = Instructions(source="AGENTS.md", text="rule " * 20_000)
    with pytest.raises(CannotCompact, match="/context"):
        await compacted(task(path(user("a"), large, *LONG)))


async def test_instructions_stay_in_front_after_it() -> None:
    rules = Instructions(source="AGENTS.md", text="Use tabs.")
    entries = path(user("a"), rules, *LONG)
    made, _ = await compacted(task(entries))
    before, after = reading(entries), reading([*entries, *path(made)])
    assert before[0] == after[0]


async def test_nothing_stays_where_the_person_wants_nothing_to() -> None:
    entries = path(*turns(20))
    made, _ = await compacted(task(entries, keep=0, reason="person"), GOOD)
    assert made.kept == 0
    asking = [*entries, *path(*turns(20), user("and now?"))[-1:]]
    made, _ = await compacted(task(asking, keep=0, reason="person"), GOOD)
    assert made.kept == 1


async def test_one_giant_turn_is_cut_inside() -> None:
    bodies: list[Body] = [user("do it all"), *turns(1, words=300, calls=60)[1:-1]]
    made, _ = await compacted(task(path(*bodies), reason="person"))
    first = bodies[len(bodies) - made.kept]
    assert isinstance(first, Message)
    assert first.role == "assistant"


def test_a_summary_must_have_its_headings_and_be_short() -> None:
    assert fault(GOOD, most=4_000) == ""
    assert "Goal" in fault("text", most=4_000)
    assert "tokens" in fault(GOOD + "word " * 20_000, most=4_000)
    assert fault(GOOD.replace("## ", "# **").replace("\n-", "**\n-"), most=4_000) == ""
    assert len(HEADINGS) == 7


@settings(deadline=None)
@given(
    st.integers(8, 40),
    st.integers(0, 4),
    st.integers(50, 900),
    st.sampled_from([GOOD, "", "echo", "overflow"]),
    st.sampled_from([16_000, 32_000, 128_000]),
)
async def test_it_always_ends_smaller_or_says_why_not(
    number: int, calls: int, words: int, teller: str, window: int
) -> None:
    entries = path(*turns(number, words=words, calls=calls))
    given = task(entries, window=window, keep=20_000)
    asked = Teller(ContextOverflow("too much") if teller == "overflow" else teller)
    try:
        made: Made = await CheckpointCompactor().compact(given, asked)
    except CannotCompact:
        return
    finally:
        assert len(asked.asked) <= 3
    after = [*entries, *path(made.entry)]
    request = project(after, system="", tools=(), model=MODEL)
    most = 0.7 * given.tokens
    if isinstance(made.entry, Prune):
        most = 0.6 * given.ceilings.soft
    assert made.entry.tokens_after <= most
    calls_made = [c.id for message in request.messages for c in message.calls]
    results = [r.call for message in request.messages for r in message.results]
    assert calls_made == results
    assert request == project(after, system="", tools=(), model=MODEL)


async def test_compacting_what_was_just_compacted_is_refused() -> None:
    entries = path(*LONG)
    made, _ = await compacted(task(entries))
    with pytest.raises(CannotCompact):
        await compacted(task([*entries, *path(made)]))


def test_an_answer_alone_needs_no_model() -> None:
    assert size(answer("x" * 35)) == 18
