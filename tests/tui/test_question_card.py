"""The card with a model's questions, driven from the keyboard."""

from __future__ import annotations

from ion_core.asking import Answer, Option, Question
from ion_core.events import QuestionAnswered, QuestionAsked
from ion_core.ids import CallId
from tests.tui.conftest import Show, Stage

BASE = Question(
    question="Which database?",
    header="Database",
    options=(Option(label="SQLite", about="one file"), Option(label="PostgreSQL")),
)
TESTS = Question(
    question="Which tests?", several=True, options=(Option(label="Cart"), Option(label="Till"))
)


async def _ask(show: Show, *questions: Question) -> None:
    await show.session.submit("go")
    await show.session.emit(QuestionAsked(call=CallId("q"), questions=questions))
    await show.settle()
    for _ in range(2):
        show.clock.now += 0.5
        await show.pilot.pause(0.25)


async def test_enter_answers_with_the_marked_row(stage: Stage) -> None:
    async with stage(size=(80, 24)) as show:
        await _ask(show, BASE)
        for said in ("Which database?", "SQLite", "one file", "in my own words"):
            assert said in show.text
        await show.press("down", "enter")
        assert show.session.answered == [("q", (Answer(chosen=("PostgreSQL",)),))]


async def test_a_digit_answers_at_once(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show, BASE)
        await show.press("1")
        assert show.session.answered == [("q", (Answer(chosen=("SQLite",)),))]


async def test_several_may_be_ticked_and_questions_follow_one_another(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show, BASE, TESTS)
        await show.press("1")
        assert "Which tests?" in show.text
        await show.press("space", "down", "space", "enter")
        answers = (Answer(chosen=("SQLite",)), Answer(chosen=("Cart", "Till")))
        assert show.session.answered == [("q", answers)]


async def test_free_words_are_always_possible(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show, BASE)
        await show.press("up", "enter")
        await show.type("DuckDB 1")
        await show.press("enter")
        assert show.session.answered == [("q", (Answer(text="DuckDB 1"),))]


async def test_a_question_without_options_takes_words(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show, Question(question="What name?"))
        await show.press("enter")
        await show.type("shop")
        await show.press("enter")
        assert show.session.answered == [("q", (Answer(text="shop"),))]


async def test_nobody_has_to_answer(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show, BASE)
        await show.press("escape")
        assert show.session.answered == [("q", ())]
        await show.session.emit(QuestionAnswered(call=CallId("q")))
        await show.settle()
        assert show.prompt.has_focus


async def test_going_back_to_a_question_keeps_what_was_said(stage: Stage) -> None:
    async with stage() as show:
        await _ask(show, TESTS, BASE)
        await show.press("space", "right")
        assert "Which database?" in show.text
        await show.press("left")
        assert "☑ Cart" in show.text
