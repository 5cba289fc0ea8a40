"""``ion debug``: recorded bodies, understood through the command itself."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from ion_core.cli.main import main

FIXTURES = Path(__file__).parents[3] / "shared" / "fixtures"
PROTOCOLS = ("anthropic-messages", "google-generate", "openai-chat", "openai-responses")
KEYS = ["file", "complete", "text", "thinking", "tool_calls", "stop_reason", "usage", "error"]
KINDS = {
    "auth": "unauthorised",
    "context_overflow": "context_overflow",
    "invalid_request": "bad_request",
    "not_found": "bad_request",
    "overloaded": "overloaded",
    "quota": "quota_exceeded",
    "rate_limit": "rate_limited",
    "tool_use_failed": "bad_request",
}
"""The words of the recordings, and ion's own."""

DELTAS = (
    {"content": "Let me"},
    {"tool_calls": [{"index": 0, "id": "c1", "function": {"name": "read"}}]},
    {"tool_calls": [{"index": 0, "function": {"arguments": '{"path": "a'}}]},
)
HALF = "".join(f"data: {json.dumps({'choices': [{'delta': delta}]})}\n\n" for delta in DELTAS)


def recorded(folder: str) -> list[Path]:
    """The recordings of a folder, without what is expected of them."""
    return sorted(p for p in (FIXTURES / folder).glob("*.*") if ".expected" not in p.name)


def wanted(path: Path) -> dict[str, Any]:
    return json.loads(path.with_suffix(".expected.json").read_text())


def rows(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def parse(protocol: str, *args: object) -> int:
    return main(["debug", "parse", "--protocol", protocol, *map(str, args)])


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="the shared recordings are absent")
@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_recorded_answer_is_understood(
    protocol: str, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = recorded(protocol)
    assert parse(protocol, *paths) == 0
    for path, row in zip(paths, rows(capsys), strict=True):
        expected = wanted(path)
        assert list(row) == KEYS
        assert row["file"] == str(path)
        for key in ("complete", "text", "thinking", "stop_reason", "usage"):
            assert row[key] == expected[key], f"{path.name}: {key}"
        assert (row["error"] is None) == (expected["error"] is None), path.name
        assert_same_calls(row["tool_calls"], expected["tool_calls"])


def assert_same_calls(calls: list[dict[str, Any]], expected: list[dict[str, Any]]) -> None:
    """A call that came without an id has one all the same."""
    assert all(call["id"] for call in calls)
    given = [
        call | ({} if call["id"] else {"id": mine["id"]})
        for call, mine in zip(expected, calls, strict=True)
    ]
    assert calls == given


@pytest.mark.skipif(not FIXTURES.is_dir(), reason="the shared recordings are absent")
def test_every_recorded_refusal_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    paths = recorded("errors")
    for path in paths:
        assert parse(json.loads(path.read_text())["protocol"], path) == 0
    for path, row in zip(paths, rows(capsys), strict=True):
        expected, error = wanted(path), row["error"]
        assert (row["complete"], row["stop_reason"], row["usage"]) == (False, "error", None)
        assert error["kind"] == KINDS[expected["kind"]], path.name
        assert error["retryable"] == expected["retryable"], path.name
        assert error["retry_after"] == expected["retry_after_s"], path.name
        assert error["message"]


def test_an_answer_cut_within_a_call_shows_what_came(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "half.sse").write_text(HALF)
    assert parse("openai-chat", tmp_path / "half.sse") == 0
    [row] = rows(capsys)
    call = {"id": "c1", "name": "read", "arguments": '{"path": "a', "arguments_valid": False}
    assert (row["complete"], row["text"], row["tool_calls"]) == (False, "Let me", [call])
    assert (row["stop_reason"], row["error"]) == ("incomplete", None)


def test_a_file_that_cannot_be_read_is_a_row_and_the_rest_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "half.sse").write_text(HALF)
    assert parse("openai-chat", tmp_path / "gone.sse", tmp_path / "half.sse") == 1
    gone, half = rows(capsys)
    assert list(gone) == KEYS
    assert gone["error"]["kind"] == "unreadable"
    assert half["text"] == "Let me"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_is_no_answer_at_all_is_an_error_and_no_crash(
    protocol: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = {
        "page.html": "<html>Sign in</html>",
        "words.txt": "upstream said no",
        "half.json": '{"choices": [',
        "null.json": "null",
        "error.json": '{"error": {"message": "Slow down.", "type": "rate_limit_error"}}',
    }
    for name, body in bodies.items():
        (tmp_path / name).write_text(body)
    assert parse(protocol, *(tmp_path / name for name in bodies)) == 0
    *odd, error = rows(capsys)
    assert [row["complete"] for row in odd] == [False] * 4
    assert error["error"]["kind"] == "rate_limited"


def test_a_built_in_provider_brings_its_own_ways(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tagged = {"message": {"content": "<think>hm</think>Yes."}, "finish_reason": "stop"}
    (tmp_path / "tagged.json").write_text(json.dumps({"choices": [tagged]}))
    parse("openai-chat", "--provider", "ollama", tmp_path / "tagged.json")
    parse("openai-chat", "--provider", "openrouter", tmp_path / "tagged.json")
    local, routed = rows(capsys)
    assert (local["thinking"], local["text"]) == ("hm", "Yes.")
    assert routed["text"] == "<think>hm</think>Yes."


def test_an_unknown_provider_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert parse("openai-chat", "--provider", "nobody", "x.sse") == 2
    assert "nobody" in capsys.readouterr().err


def sanitized(monkeypatch: pytest.MonkeyPatch, lines: bytes) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    return main(["debug", "sanitize", "--stdin"])


def test_what_a_terminal_would_be_given_is_shown_line_by_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (
        b'{"text": "a\\u001b]52;c;aGk=\\u0007b"}\n{"text": "\\ud800"}\n{"text": "caf\xc3\xa9"}\n'
    )
    assert sanitized(monkeypatch, lines) == 0
    assert rows(capsys) == [{"text": "ab"}, {"text": "\ufffd"}, {"text": "café"}]


def test_a_line_without_a_text_is_named_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sanitized(monkeypatch, b'no\n{"text": 5}\n{"text": "x"}\n') == 1
    out, err = capsys.readouterr()
    assert json.loads(out) == {"text": "x"}
    assert "line 1" in err
    assert "line 2" in err
