"""The ``ask`` tool: questions that a model has for the person, with options or in free words.

The call waits as long as the person takes. Where nobody can be asked, the model is told to go on
with what is most likely, and to say so.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.asking import Answer, Option, Question
from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed

NOBODY = (
    "Nobody can be asked here. Go on with the assumption that is most likely, and say in your "
    "answer what you assumed."
)
DECLINED = (
    "The person did not answer. Do not ask the same again: go on with the assumption that is most "
    "likely and say what you assumed, or stop if you cannot."
)


class Choice(Struct, frozen=True):
    """An answer that is offered."""

    label: Annotated[str, Meta(min_length=1, max_length=100, description="a few words")]
    about: Annotated[str, Meta(max_length=500, description="what it means")] = ""


class Asked(Struct, frozen=True):
    """One question."""

    question: Annotated[str, Meta(min_length=1, max_length=2_000)]
    header: Annotated[str, Meta(max_length=30, description="a word or two for a tab")] = ""
    options: Annotated[
        list[Choice],
        Meta(max_length=6, description="2 to 6, the best first; the person may say something else"),
    ] = []
    several: Annotated[bool, Meta(description="more than one may be chosen")] = False


class AskArgs(Struct, frozen=True):
    """What to ask."""

    example: ClassVar[dict[str, Any]] = {
        "questions": [
            {"question": "Which database?", "options": [{"label": "SQLite"}, {"label": "Postgres"}]}
        ]
    }

    questions: Annotated[list[Asked], Meta(min_length=1, max_length=4)]


class Ask:
    """Asks the person."""

    name = "ask"
    description = (
        "Ask the person 1 to 4 questions and wait, when a decision is theirs and nothing in the "
        "project answers it. Offer options where you can."
    )
    args: type[Struct] = AskArgs
    effect: Effect = "ask"

    def target(self, args: AskArgs) -> str:
        first, more = args.questions[0].question, len(args.questions) - 1
        return f"{first} (and {more} more)" if more else first

    def timeout_s(self, args: AskArgs) -> float:
        return math.inf

    async def run(self, args: AskArgs, ctx: ToolContext) -> Outcome:
        if ctx.ask is None:
            return failed(NOBODY, self.target(args))
        if any(len(asked.options) == 1 for asked in args.questions):
            return failed("One option is no choice: offer 2 to 6, or none.", self.target(args))
        questions = [_question(asked) for asked in args.questions]
        answers = await ctx.ask(questions)
        if not any(map(said, answers)):
            declined = Display(target=self.target(args), summary="not answered")
            return Outcome(content=DECLINED, display=declined)
        return _told(self.target(args), questions, answers)


def said(answer: Answer) -> str:
    """An answer in one line: what was chosen, then the person's own words."""
    return "; ".join(filter(None, (", ".join(answer.chosen), answer.text.strip())))


def _question(asked: Asked) -> Question:
    return Question(
        question=asked.question,
        header=asked.header,
        options=tuple(Option(label=choice.label, about=choice.about) for choice in asked.options),
        several=asked.several,
    )


def _told(target: str, questions: list[Question], answers: tuple[Answer, ...]) -> Outcome:
    given = [said(answer) for answer in answers] + [""] * len(questions)
    lines = [
        f"{question.question}\n→ {answer or '(no answer)'}"
        for question, answer in zip(questions, given, strict=False)
    ]
    count = f"{sum(map(bool, given))} of {len(questions)} answered"
    summary = given[0] if len(questions) == 1 else count
    return Outcome(
        content="The person answered:\n" + "\n".join(lines),
        display=Display(target=target, summary=summary[:200], output="\n".join(lines)),
    )
