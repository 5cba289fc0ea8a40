from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ion_core.context.projector import answer_limit, project
from ion_core.context.prompt import family_of, system_prompt
from ion_core.entries import Body, Entry, ModeChange, SystemEvent
from ion_core.ids import entry_id
from ion_core.messages import Message, Reasoning, Text, ToolResult, answered, user
from ion_core.providers.base import ModelInfo, Request
from tests.fakes.scene import call

MODEL = ModelInfo(provider="p", id="m")


def path(*bodies: Body) -> list[Entry]:
    return [
        Entry(id=entry_id(i + 1), parent=entry_id(i) if i else None, at=float(i), body=body)
        for i, body in enumerate(bodies)
    ]


def projected(*bodies: Body) -> Request:
    return project(path(*bodies), system="s", tools=(), model=MODEL)


def result(id: str, content: str = "") -> Message:
    return answered(ToolResult(call=call("x", id).id, name="x", status="ok", content=content))


def asked(*ids: str) -> Message:
    return Message(role="assistant", parts=tuple(call("x", i) for i in ids), stop="tool_use")


def test_results_are_projected_in_call_order() -> None:
    request = projected(user("go"), asked("a", "b"), result("b"), result("a"))
    assert [r.call for r in request.messages[-1].results] == ["a", "b"]


def test_a_call_id_that_is_used_again_gets_its_own_result() -> None:
    request = projected(
        user("go"), asked("a"), result("a", "first"), asked("a"), result("a", "second")
    )
    contents = [r.content for m in request.messages for r in m.results]
    assert contents == ["first", "second"]


def test_a_call_without_a_result_gets_one_that_says_so() -> None:
    request = projected(user("go"), asked("a"), SystemEvent(what="error", text="boom"))
    assert request.messages[-1].results[0].status == "indeterminate"


def test_a_partial_answer_is_never_sent_as_a_whole_one() -> None:
    half = Message(
        role="assistant",
        parts=(Reasoning(text="hm", signature="sig"), Text(text="I was")),
        stop="interrupted",
    )
    request = projected(user("go"), half, user("again"))
    assert [m.role for m in request.messages] == ["user", "assistant", "user"]
    assert request.messages[1].parts != half.parts
    assert "cut off" in request.messages[1].text


def test_what_is_not_a_message_is_not_projected() -> None:
    request = projected(user("go"), ModeChange(mode="read"))
    assert len(request.messages) == 1


def test_the_same_path_gives_the_same_bytes() -> None:
    bodies = (user("go"), asked("a", "b"), result("b"), result("a"), user("more"))
    assert msgspec.json.encode(projected(*bodies)) == msgspec.json.encode(projected(*bodies))


@pytest.mark.parametrize(
    ("model", "family"),
    [
        ("claude-opus-4-5", "claude"),
        ("us.anthropic.claude-sonnet-4", "claude"),
        ("openai/gpt-5.6", "gpt"),
        ("gpt-oss-120b", "other"),
        ("o3-mini", "gpt"),
        ("google/gemini-3-flash", "gemini"),
        ("qwen3-coder", "other"),
        ("", "other"),
    ],
)
def test_a_model_is_told_what_its_family_needs(tmp_path: Path, model: str, family: str) -> None:
    assert family_of(model) == family
    own = tmp_path / "own.j2"
    own.write_text("For {{ family }}.")
    assert system_prompt(tmp_path, None, model=model, template_file=own) == f"For {family}.\n"
    others = [
        name for name in ("claude", "gpt-5", "gemini-3", "qwen3") if family_of(name) != family
    ]
    mine = system_prompt(tmp_path, None, model=model)
    assert mine not in [system_prompt(tmp_path, None, model=other) for other in others]


def test_the_prompt_is_rendered_once_and_then_read(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = system_prompt(tmp_path, cache)
    kept = next(cache.iterdir())
    kept.write_text(first + "(from the cache)")
    assert system_prompt(tmp_path, cache) == first + "(from the cache)"
    assert str(tmp_path) in first


def test_a_changed_prompt_is_rendered_anew(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    system_prompt(tmp_path, cache)
    assert system_prompt(tmp_path, cache, extra="Speak French.").endswith("Speak French.\n")


@pytest.mark.parametrize(
    ("known", "effort", "prompt", "limit"),
    [
        ({}, "", 0, None),
        ({"max_output": 8_000}, "", 0, 8_000),
        ({"max_output": 128_000}, "", 0, 32_000),
        ({"max_output": 128_000}, "high", 0, 64_000),
        ({"max_output": 128_000, "answer": 100_000}, "", 0, 100_000),
        ({"max_output": 32_000, "window": 100_000}, "", 90_000, 8_000),
        ({"max_output": 32_000, "window": 100_000}, "", 120_000, 1_024),
    ],
)
def test_an_answer_is_asked_for_that_fits(
    known: dict[str, int], effort: str, prompt: int, limit: int | None
) -> None:
    model = ModelInfo(provider="p", id="m", **known)  # type: ignore[arg-type]
    assert answer_limit(model, effort, prompt) == limit
