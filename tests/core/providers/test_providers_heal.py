from __future__ import annotations

from typing import Any

import pytest

from ion_core.providers.heal import learned
from ion_core.providers.openai_chat_lessons import LESSONS
from ion_core.providers.quirks import Quirks

MESSAGES: list[dict[str, Any]] = [{"role": "user", "content": "x"}]
SHOWN = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:"}}]}]
THOUGHT = [{"role": "assistant", "content": "x", "reasoning_content": "hm"}]
WORDLESS = [{"role": "assistant", "content": None, "tool_calls": []}]
BLANK = [{"role": "assistant", "content": "", "tool_calls": []}]
STRICT = {"type": "json_schema", "json_schema": {"name": "a", "schema": {}, "strict": True}}


@pytest.mark.parametrize(
    ("message", "body", "before", "field", "after"),
    [
        (
            "'messages[0].role' does not support 'developer' with this model.",
            {},
            Quirks(system_role="developer"),
            "system_role",
            "system",
        ),
        (
            "'messages[0].role' does not support 'system' with this model.",
            {},
            Quirks(),
            "system_role",
            "user",
        ),
        ("max_completion_tokens: extra fields not permitted", {"max_completion_tokens": 9},
         Quirks(max_tokens="max_completion_tokens"), "max_tokens", "max_tokens"),
        ("This model does not support thinking", {"thinking": {}}, Quirks(), "effort", "none"),
        ("invalid thinking: only type=enabled is allowed", {"thinking": {}}, Quirks(), "effort",
         "none"),
        ("The `reasoning_content` in the thinking mode must be passed back to the API.",
         {}, Quirks(), "empty_reasoning", "reasoning_content"),
        ("thinking is enabled but reasoning_content is missing in assistant tool call message", {},
         Quirks(), "empty_reasoning", "reasoning_content"),
        ("json mode cannot be combined with tool/function calling", {"response_format": STRICT},
         Quirks(), "schema", False),
        ("unknown field `reasoning_content`", {"messages": THOUGHT}, Quirks(), "replay", "none"),
        ("unexpected prompt_cache_key", {"prompt_cache_key": "k"},
         Quirks(cache_key="prompt_cache_key"), "cache_key", ""),
        ("body.session_id: Extra inputs are not permitted", {"session_id": "k"},
         Quirks(cache_key="session_id"), "cache_key", ""),
        ("Unknown field tool_stream", {"tool_stream": True},
         Quirks(tool_fields={"tool_stream": True}), "tool_fields", {}),
        ("cache_control is not permitted", {}, Quirks(marks="turns"), "marks", "none"),
        ("Tool call id was call_1 but must be a-z, A-Z, 0-9, with a length of 9.", {},
         Quirks(), "call_id_size", 9),
        ("Unexpected role 'user' after role 'tool'", {}, Quirks(), "assistant_after_tool", True),
        ("messages.1.content: Input should be a valid string", {"messages": WORDLESS},
         Quirks(), "empty_content", "empty"),
        ("invalid message content type: <nil>", {"messages": WORDLESS}, Quirks(), "empty_content",
         "empty"),
        ("message content must not be empty", {"messages": BLANK}, Quirks(), "empty_content",
         "omit"),
        ("parameter.enable_thinking is unknown", {"enable_thinking": True}, Quirks(), "effort",
         "none"),
        ("parameter.enable_thinking must be set to false for non-streaming calls", {}, Quirks(),
         "fields", {"enable_thinking": False}),
        ("strict is not supported", {"response_format": STRICT}, Quirks(), "strict", False),
        ("json_schema is not supported", {"response_format": STRICT}, Quirks(), "schema", False),
        ("This model does not support image input", {"messages": SHOWN}, Quirks(), "images", False),
    ],
)  # fmt: skip
def test_a_refusal_teaches_what_the_model_wants(
    message: str, body: dict[str, Any], before: Quirks, field: str, after: object
) -> None:
    lesson = learned(LESSONS, before, message, {"messages": MESSAGES} | body, frozenset())
    assert lesson is not None
    quirks, name = lesson
    assert getattr(quirks, field) == after
    assert (
        learned(LESSONS, before, message, {"messages": MESSAGES} | body, frozenset({name})) is None
    )


def test_a_value_that_is_too_large_is_no_lesson_about_its_field() -> None:
    body = {"messages": MESSAGES, "max_tokens": 99_999}
    message = "max_tokens is too large: 99999. This model allows at most 8192."
    assert learned(LESSONS, Quirks(), message, body, frozenset()) is None


@pytest.mark.parametrize(
    "message",
    [
        "max_tokens is too large: 99999",
        "stream_options is not supported",
        "temperature must be 1",
        "the image could not be read",
        "Model not found",
    ],
)
def test_a_refusal_of_what_was_not_sent_teaches_nothing(message: str) -> None:
    assert learned(LESSONS, Quirks(), message, {"messages": MESSAGES}, frozenset()) is None


@pytest.mark.parametrize(
    ("asked", "known", "found"),
    [("max", "high", "high"), ("minimal", "medium", "medium"), ("none", "low", "low")],
)
def test_an_effort_that_a_model_does_not_know_becomes_the_nearest_that_it_does(
    asked: str, known: str, found: str
) -> None:
    quirks, lessons, word = Quirks(), frozenset[str](), asked
    while word != known:
        message = (
            f"Unsupported value: 'reasoning_effort' does not support '{word}' with this model. "
            f"Supported values are: '{known}'."
        )
        body = {"messages": MESSAGES, "reasoning_effort": word}
        lesson = learned(LESSONS, quirks, message, body, lessons)
        assert lesson is not None
        quirks, lessons = lesson[0], lessons | {lesson[1]}
        assert quirks.effort != "none"
        word = quirks.efforts[asked]
    assert word == found


def test_thinking_that_is_always_asked_for_can_be_refused_too() -> None:
    before = Quirks(effort="thinking", fields={"thinking": {"type": "enabled"}, "seed": 1})
    body = {"messages": MESSAGES, **before.fields}
    lesson = learned(LESSONS, before, "Unknown parameter: 'thinking'", body, frozenset())
    assert lesson is not None
    assert (lesson[0].effort, lesson[0].fields) == ("none", {"seed": 1})
