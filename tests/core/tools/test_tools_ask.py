"""The ask tool: what the person is shown, and what the model is told of their answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ion_core.asking import Answer, Option, Question
from ion_core.ids import CallId
from ion_core.tools.ask import Ask, AskArgs
from ion_core.tools.base import Outcome, ToolContext
from ion_core.tools.paths import Workspace
from ion_core.tools.schema import BadArguments, schema_of, validate

DATABASE = {
    "question": "Which database?",
    "header": "Database",
    "options": [{"label": "SQLite", "about": "one file"}, {"label": "Postgres"}],
}


async def _quiet(text: str) -> None:
    del text


async def _asked(
    tmp_path: Path, questions: list[dict[str, Any]], *answers: Answer
) -> tuple[Outcome, list[Question]]:
    shown: list[Question] = []

    async def ask(asked: Sequence[Question]) -> tuple[Answer, ...]:
        shown.extend(asked)
        return answers

    ctx = ToolContext(
        call=CallId("c"),
        workspace=Workspace(tmp_path),
        progress=_quiet,
        spill=tmp_path / "s",
        ask=ask,
    )
    args = validate("ask", AskArgs, {"questions": questions})
    return await Ask().run(args, ctx), shown


async def test_the_person_sees_the_options_and_the_model_their_choice(tmp_path: Path) -> None:
    outcome, shown = await _asked(tmp_path, [DATABASE], Answer(chosen=("SQLite",), text="for now"))
    options = (Option(label="SQLite", about="one file"), Option(label="Postgres"))
    question = Question(question="Which database?", header="Database", options=options)
    assert shown == [question]
    assert "Which database?\n→ SQLite; for now" in outcome.content
    assert outcome.display.summary == "SQLite; for now"


async def test_several_questions_are_answered_in_their_order(tmp_path: Path) -> None:
    questions = [DATABASE, {"question": "Which name?"}]
    outcome, _ = await _asked(tmp_path, questions, Answer(), Answer(text="ion"))
    assert outcome.content.endswith(
        "Which database?\n→ (no answer)\nWhich name?\n→ ion",
    )
    assert outcome.display.summary == "1 of 2 answered"


async def test_a_person_who_does_not_answer_is_not_asked_again(tmp_path: Path) -> None:
    outcome, _ = await _asked(tmp_path, [DATABASE])
    assert outcome.status == "ok"
    assert "did not answer" in outcome.content


async def test_where_nobody_is_there_the_model_goes_on(tmp_path: Path) -> None:
    ctx = ToolContext(
        call=CallId("c"), workspace=Workspace(tmp_path), progress=_quiet, spill=tmp_path / "s"
    )
    outcome = await Ask().run(validate("ask", AskArgs, {"questions": [DATABASE]}), ctx)
    assert outcome.status == "error"
    assert "most likely" in outcome.content


async def test_one_option_is_no_choice(tmp_path: Path) -> None:
    lone = {"question": "Go on?", "options": [{"label": "Yes"}]}
    outcome, shown = await _asked(tmp_path, [lone], Answer(chosen=("Yes",)))
    assert outcome.status == "error"
    assert shown == []


@pytest.mark.parametrize(
    "questions", [[], [DATABASE] * 5, [{"question": ""}], [{**DATABASE, "options": [{}] * 7}]]
)
def test_no_question_and_too_many_are_refused(questions: list[dict[str, Any]]) -> None:
    with pytest.raises(BadArguments):
        validate("ask", AskArgs, {"questions": questions})


def test_its_schema_is_inlined_and_its_example_valid() -> None:
    assert "$ref" not in msgspec.json.encode(schema_of(AskArgs)).decode()
    assert Ask().target(validate("ask", AskArgs, AskArgs.example))
