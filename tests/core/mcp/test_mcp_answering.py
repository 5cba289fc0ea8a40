"""What a server may ask while a tool of its runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from mcp import types
from msgspec import structs

from ion_core.asking import Answer, Question
from ion_core.hooks.base import Verdict
from ion_core.ids import CallId
from ion_core.mcp.answering import Answering
from ion_core.mcp.forms import OPENED
from ion_core.messages import Message
from ion_core.tools.base import ToolContext
from ion_core.tools.paths import Workspace

SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "description": "Your name"},
        "age": {"type": "integer", "default": 7},
        "sure": {"type": "boolean"},
        "colour": {"type": "string", "enum": ["r", "g"], "enumNames": ["Red", "Green"]},
        "tags": {"type": "array", "items": {"enum": ["a", "b"]}},
    },
    "required": ["name"],
}


class Desk:
    """A running tool, and a person who answers."""

    def __init__(self, folder: Path, *answers: Answer) -> None:
        self.asked: list[Question] = []
        self.answers = answers
        self.noted: list[str] = []
        self.answering = Answering("fake", [folder], self.noted.append, interactive=True)
        self.context = ToolContext(
            call=CallId("c1"),
            workspace=Workspace(root=folder),
            progress=self._progress,
            spill=folder / "spill",
            ask=self._ask,
        )

    async def _progress(self, text: str) -> None:
        raise AssertionError("nothing runs")

    async def _ask(self, questions: Sequence[Question]) -> tuple[Answer, ...]:
        self.asked += questions
        return self.answers

    async def elicit(self, params: Any) -> types.ElicitResult:
        with self.answering.during(self.context):
            result = await self.answering.elicit(None, params)
        assert isinstance(result, types.ElicitResult)
        return result


FORM = types.ElicitRequestFormParams(message="Who are you?", requested_schema=SCHEMA)


async def test_a_form_is_asked_field_by_field_and_defaults_stand(tmp_path: Path) -> None:
    answers = (
        Answer(text="Ada"),
        Answer(),
        Answer(chosen=("Yes",)),
        Answer(chosen=("Green",)),
        Answer(chosen=("a", "b")),
    )
    desk = Desk(tmp_path, *answers)
    result = await desk.elicit(FORM)
    assert result.action == "accept"
    assert result.content == {
        "name": "Ada",
        "age": 7,
        "sure": True,
        "colour": "g",
        "tags": ["a", "b"],
    }
    assert desk.asked[0].question == "fake asks: Who are you?\nYour name"
    assert [option.label for option in desk.asked[3].options] == ["Red", "Green"]
    assert desk.asked[4].several


async def test_whoever_answers_nothing_declines(tmp_path: Path) -> None:
    assert (await Desk(tmp_path).elicit(FORM)).action == "decline"


async def test_a_question_while_nothing_runs_is_declined(tmp_path: Path) -> None:
    desk = Desk(tmp_path, Answer(text="Ada"))
    result = await desk.answering.elicit(None, FORM)
    assert (result.action, desk.asked) == ("decline", [])


@pytest.mark.parametrize(("chosen", "action"), [(OPENED, "accept"), ("No", "decline")])
async def test_an_address_is_shown_and_never_opened(
    tmp_path: Path, chosen: str, action: str
) -> None:
    desk = Desk(tmp_path, Answer(chosen=(chosen,)))
    params = types.ElicitRequestURLParams(
        message="Log in", url="https://example.com/a?b", elicitation_id="1"
    )
    assert (await desk.elicit(params)).action == action
    assert "https://example.com/a?b" in desk.asked[0].question


async def test_roots_are_the_folders_of_the_session(tmp_path: Path) -> None:
    roots = (await Desk(tmp_path).answering.roots(None)).roots
    assert [str(root.uri) for root in roots] == [tmp_path.as_uri()]


def _sampling() -> types.CreateMessageRequestParams:
    said = types.SamplingMessage(role="user", content=types.TextContent(type="text", text="2+2?"))
    return types.CreateMessageRequestParams(messages=[said], max_tokens=10, system_prompt="Count.")


async def test_sampling_is_refused_unless_it_was_allowed(tmp_path: Path) -> None:
    answering = Desk(tmp_path).answering
    assert not answering.can_sample
    assert isinstance(await answering.sample(None, _sampling()), types.ErrorData)


async def test_sampling_asks_the_model_of_the_session(tmp_path: Path) -> None:
    asked: list[tuple[str, list[str], int]] = []

    async def ask(system: str, messages: Sequence[Message], most: int) -> tuple[str, str]:
        asked.append((system, [message.text for message in messages], most))
        return "4", "m"

    desk = Desk(tmp_path)
    answering = Answering("fake", [tmp_path], desk.noted.append, samples=True)
    with answering.during(structs.replace(desk.context, ask_model=ask)):
        result = await answering.sample(None, _sampling())
    assert (result.content.text, result.model) == ("4", "m")
    assert asked == [("Count.", ["2+2?"], 10)]
    assert desk.noted == ["(ion) m was asked and said 1 characters"]


async def test_hooks_answer_in_the_persons_place_and_change_what_they_said(tmp_path: Path) -> None:
    desk, said = Desk(tmp_path), dict[str, Verdict]()
    heard: list[tuple[str, dict[str, Any]]] = []

    async def hear(event: str, matched: str, gist: str, **fields: Any) -> Verdict:
        assert matched == "fake"
        heard.append((event, fields))
        return said.get(event, Verdict())

    desk.context = structs.replace(desk.context, hear=hear)
    said["Elicitation"] = Verdict(said={"action": "accept", "content": {"name": "Ada"}})
    result = await desk.elicit(FORM)
    assert (result.action, result.content, desk.asked) == ("accept", {"name": "Ada"}, [])
    assert heard[0][1]["requested_schema"] == SCHEMA
    assert heard[1] == (
        "ElicitationResult",
        {"mcp_server_name": "fake", "action": "accept", "content": {"name": "Ada"}},
    )
    said["ElicitationResult"] = Verdict(decision="deny", reason="no")
    assert (await desk.elicit(FORM)).action == "decline"
