"""The estimate of the next prompt against what a provider counted in two recorded sessions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ion_core.context.tokens import Tokens
from ion_core.entries import Body, Entry
from ion_core.ids import CallId, entry_id
from ion_core.messages import (
    Message,
    Origin,
    Part,
    Reasoning,
    StopReason,
    Text,
    ToolCall,
    ToolResult,
    answered,
    user,
)
from ion_core.usage import Usage

TRANSCRIPTS = Path(__file__).parents[4] / "shared" / "transcripts"
STOPS: dict[str, StopReason] = {
    "toolUse": "tool_use",
    "stop": "end_turn",
    "aborted": "interrupted",
    "error": "error",
}


@pytest.mark.parametrize("name", ["pi-before-compaction", "pi-large-session"])
def test_the_next_prompt_of_a_recorded_session_is_foretold(name: str) -> None:
    file = TRANSCRIPTS / f"{name}.jsonl"
    if not file.exists():
        pytest.skip("the recorded sessions are not next to the checkout")
    errors = sorted(_errors(file))
    assert len(errors) > 400
    assert errors[len(errors) // 2] <= 0.01
    assert errors[len(errors) * 95 // 100] <= 0.05


def _errors(file: Path) -> Iterator[float]:
    """The relative error of each prompt whose predecessor was counted (the recording has neither
    the system prompt nor the tools, so that the first one cannot be foretold)."""
    tokens, path = Tokens(None), list[Entry]()
    for body in _bodies(file):
        if body is None:
            path = []
            continue
        if body.origin is not None and body.usage is not None:
            guess = tokens.estimate(
                path,
                system="",
                tools=(),
                provider=body.origin.provider,
                model=body.origin.model,
            )
            if guess.anchor:
                yield abs(guess.tokens / body.usage.prompt - 1)
            tokens.learn(guess, body.usage)
        path.append(_entry(len(path) + 1, body))


def _entry(row: int, body: Body) -> Entry:
    return Entry(id=entry_id(row), parent=None, at=float(row), body=body)


def _bodies(file: Path) -> Iterator[Message | None]:
    """The messages of a recording; None where a compaction began a new prompt."""
    for line in file.read_text("utf-8").splitlines():
        row = json.loads(line)
        if row["type"] == "compaction":
            yield None
        elif row["type"] == "message":
            yield _message(row["message"])


def _message(said: dict[str, Any]) -> Message:
    match said["role"]:
        case "assistant":
            return _assistant(said)
        case "toolResult":
            content = "".join(part["text"] for part in said["content"])
            call, name = CallId(said["toolCallId"]), said["toolName"]
            return answered(ToolResult(call=call, name=name, status="ok", content=content))
        case "bashExecution":
            return user(f"{said['command']}\n{said['output']}")
        case _:
            return user("".join(part["text"] for part in said["content"]))


def _assistant(said: dict[str, Any]) -> Message:
    used = said["usage"]
    usage = Usage(
        input=used["input"],
        output=used["output"],
        cache_read=used["cacheRead"],
        cache_write=used["cacheWrite"],
    )
    return Message(
        role="assistant",
        parts=tuple(_part(part) for part in said["content"]),
        origin=Origin(
            protocol=said["api"], provider=said["provider"], base_url="", model=said["model"]
        ),
        stop=STOPS[said["stopReason"]],
        usage=usage if usage.prompt else None,
    )


def _part(part: dict[str, Any]) -> Part:
    match part["type"]:
        case "toolCall":
            return ToolCall(id=CallId(part["id"]), name=part["name"], arguments=part["arguments"])
        case "thinking":
            return Reasoning(text=part["thinking"], signature=part["thinkingSignature"])
        case _:
            return Text(text=part["text"])
