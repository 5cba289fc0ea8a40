"""Laws of Gemini's protocol that hold for any conversation and any schema."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ion_core.messages import Image, Message
from ion_core.providers.base import ModelInfo, PartDone, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.google_answer import GoogleAnswer
from ion_core.providers.google_messages import SENTINEL
from ion_core.providers.google_quirks import google_quirks
from ion_core.providers.google_schema import openapi
from ion_core.providers.google_wire import google_body
from ion_core.providers.sse import SseParser
from tests.fakes import values

MODELS = ("gemini-9-neon", "gemini-2.5-flash", "gemma-3-27b-it")
NAME = r"[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}"
ENDPOINT = Endpoint(
    name="g",
    base_url="http://host/v1beta",
    protocol="google-generate",
    models={name: ModelInfo(provider="g", id=name, vision=True) for name in MODELS},
)

spoken = st.builds(
    Message,
    role=st.sampled_from(["user", "assistant", "tool"]),
    parts=st.lists(
        values.texts
        | values.reasonings
        | values.tool_calls
        | values.results
        | st.builds(Image, media_type=st.sampled_from(["image/png", "x/y"]), sha256=values.words),
        max_size=4,
    ).map(tuple),
    origin=st.none() | st.sampled_from([ENDPOINT.origin(name) for name in MODELS]),
)


def written(messages: list[Message], model: str, system: str = "") -> list[dict[str, Any]]:
    request = Request(model=model, system=system, messages=tuple(messages))
    body = google_body(request, ENDPOINT, google_quirks(model), lambda _: b"bytes")
    contents: list[dict[str, Any]] = body["contents"]
    return contents


def holding(content: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [part[kind] for part in content["parts"] if kind in part]


@given(st.lists(spoken, max_size=8), st.sampled_from(MODELS), values.words)
def test_any_conversation_obeys_the_rules_of_contents(
    messages: list[Message], model: str, system: str
) -> None:
    contents = written(messages, model, system)
    assert contents[0]["role"] == "user"
    for content in contents:
        assert content["parts"]
        assert all(
            part.get("text") != "" or "thoughtSignature" in part for part in content["parts"]
        )
        answers = holding(content, "functionResponse")
        assert len(answers) in (0, len(content["parts"]))
    for before, after in pairwise([*contents, {"role": "", "parts": []}]):
        called, answers = holding(before, "functionCall"), holding(after, "functionResponse")
        assert [each["name"] for each in called] == [each["name"] for each in answers]
        assert [each.get("id") for each in called] == [each.get("id") for each in answers]
        assert all(re.fullmatch(NAME, each["name"]) for each in called)
        if before["role"] == after["role"]:
            assert holding(before, "functionResponse")


@given(st.lists(spoken, max_size=8))
def test_each_step_of_a_new_model_is_signed_and_thoughts_stay_at_home(
    messages: list[Message],
) -> None:
    for content in written(messages, "gemini-9-neon"):
        called = [part for part in content["parts"] if "functionCall" in part]
        assert all("thoughtSignature" in part for part in called[:1])
    strangers = [m for m in messages if m.origin != ENDPOINT.origin("gemini-9-neon")]
    text = json.dumps(written(strangers, "gemini-9-neon")).replace(SENTINEL, "")
    assert '"thought": true' not in text


@given(st.lists(spoken, max_size=6), spoken, st.sampled_from(MODELS))
def test_what_was_sent_stays_when_the_conversation_grows(
    messages: list[Message], more: Message, model: str
) -> None:
    settled = [*messages, Message(role="user", parts=())]
    before, after = written(settled, model), written([*settled, more], model)
    # Only the last content can grow: somebody may go on speaking, or a first word be found.
    assert after[: len(before) - 1] == before[:-1]


schemas = st.recursive(
    st.sampled_from(
        [
            {},
            {"type": "string", "format": "uri", "$schema": "x"},
            {"type": ["integer", "null"], "exclusiveMinimum": 0},
            {"const": 3},
            {"enum": ["a", 1, None, True]},
            {"$ref": "#/$defs/Loop"},
            {"type": "object", "additionalProperties": False},
        ]
    ),
    lambda inner: (
        st.builds(lambda s: {"type": "array", "items": s}, inner)
        | st.builds(lambda s: {"anyOf": [s, {"type": "null"}]}, inner)
        | st.builds(lambda a, b: {"oneOf": [a, b], "description": "d"}, inner, inner)
        | st.builds(lambda a, b: {"allOf": [{"properties": {"a": a}}, b]}, inner, inner)
        | st.builds(
            lambda s: {"type": "object", "properties": {"p": s}, "required": ["p", "gone"]}, inner
        )
    ),
    max_leaves=6,
)
LEGAL = {
    *("type", "format", "title", "description", "nullable", "enum", "items", "properties"),
    *("required", "anyOf", "minimum", "maximum"),
}


def conforms(node: dict[str, Any]) -> bool:
    kind = node.get("type")
    return (
        node.keys() <= LEGAL
        and (kind is not None) != ("anyOf" in node)
        and isinstance(kind or "", str)
        and all(isinstance(each, str) for each in node.get("enum", ()))
        and ("items" in node) == (kind == "array")
        and set(node.get("required", ())) <= set(node.get("properties", ()))
        and all(conforms(each) for each in node.get("properties", {}).values())
        and all(conforms(each) for each in node.get("anyOf", ()))
        and ("items" not in node or conforms(node["items"]))
    )


@given(schemas)
def test_any_schema_has_a_form_in_the_older_subset(schema: dict[str, Any]) -> None:
    loop = {"type": "object", "properties": {"again": {"$ref": "#/$defs/Loop"}}}
    assert conforms(openapi({**schema, "$defs": {"Loop": loop}}))


@given(values.json, st.lists(values.json, max_size=3))
def test_no_json_is_fatal(chunk: Any, parts: list[Any]) -> None:
    answer = GoogleAnswer()
    candidate = {"content": {"parts": [*parts, {"functionCall": chunk}, {"text": chunk}]}}
    events = [chunk, {"candidates": chunk}, {"candidates": [candidate]}, {"usageMetadata": chunk}]
    events += [
        {"candidates": [{"finishReason": chunk, "content": chunk}]},
        {"promptFeedback": chunk},
    ]
    data = "".join(f"data: {json.dumps(each)}\r\n\r\n" for each in events)
    for event in SseParser().feed(data.encode()):
        list(answer.take(event))
    assert all(
        isinstance(each.part, object) for each in answer.parts() if isinstance(each, PartDone)
    )
    assert answer.finished().stop == answer.stop
