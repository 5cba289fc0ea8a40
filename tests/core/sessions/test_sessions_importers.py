"""Transcripts of other agents, as sessions here."""

from __future__ import annotations

import base64
import json
import sqlite3
from pathlib import Path

import pytest

from ion_core.entries import ModelChange
from ion_core.messages import Image, Message, Reasoning
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.intake import Taken
from ion_core.sessions.importers.recognised import recognised
from ion_core.sessions.importers.take_in import take_in
from ion_core.sessions.sqlite import SqliteStore
from tests.fakes.sessions import texts

TRANSCRIPTS = Path(__file__).parents[4] / "shared" / "transcripts"
AT = "2026-02-03T04:05:06.700Z"
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(16)).decode()


@pytest.fixture
async def store(tmp_path):
    opened = await SqliteStore.open(tmp_path / "sessions.db")
    yield opened
    await opened.aclose()


async def taken(store: SqliteStore, file: Path) -> Taken:
    importer = recognised(file)
    assert importer is not None
    return await take_in(store, Blobs(file.parent / "blobs"), file, importer, file.parent)


def lines(file: Path, *values: object) -> Path:
    file.write_text("".join(json.dumps(value) + "\n" for value in values))
    return file


def pi_line(own: str, parent: str | None, role: str, *content: dict, **more: object) -> dict:
    message = {"role": role, "content": list(content), **more}
    return {"type": "message", "id": own, "parentId": parent, "timestamp": AT, "message": message}


def text(words: str) -> dict:
    return {"type": "text", "text": words}


async def test_a_pi_session_keeps_its_branches_labels_pictures_and_cost(store, tmp_path):
    usage = {"input": 5, "output": 7, "cacheRead": 11, "cacheWrite": 13, "cost": {"total": 0.5}}
    call = {"type": "toolCall", "id": "c1", "name": "bash", "arguments": {"command": "ls"}}
    told = {"api": "anthropic-messages", "provider": "anthropic", "model": "opus"}
    told |= {"stopReason": "toolUse", "usage": usage}
    shown = {"type": "image", "data": PNG, "mimeType": "image/png"}
    file = lines(
        tmp_path / "pi.jsonl",
        {"type": "session", "version": 3, "id": "s1", "timestamp": AT, "cwd": "/gone"},
        pi_line("a", None, "user", text("first"), shown),
        {"type": "thinking_level_change", "id": "t", "parentId": "a", "timestamp": AT},
        pi_line("b", "t", "assistant", call, **told),
        pi_line("c", "b", "toolResult", text("out"), toolCallId="c1", toolName="bash"),
        pi_line("d", "a", "user", text("another way")),
        {"type": "label", "id": "l", "parentId": "d", "timestamp": AT}
        | {"targetId": "b", "label": "here"},
        {"type": "session_info", "id": "n", "parentId": "l", "timestamp": AT, "name": "Mine"},
        pi_line("e", "n", "user", text("last")),
    )
    got = await taken(store, file)
    assert (got.entries, got.skipped) == (5, 0)
    info = await store.info(got.sessions[0])
    assert (info.title, info.title_source, info.turns) == ("Mine", "user", 3)
    assert (info.cost_nano, info.usage.prompt) == (500_000_000, 29)
    path = await store.path(info.id)
    assert texts(path) == ["first", "another way", "last"]
    picture = path[0].body.parts[1]
    assert isinstance(picture, Image)
    assert Blobs(tmp_path / "blobs").read(picture.sha256) == base64.b64decode(PNG)


@pytest.mark.parametrize("name", ["pi-before-compaction.jsonl", "pi-large-session.jsonl"])
async def test_a_recorded_pi_session_comes_whole_and_only_once(store, tmp_path, name):
    recorded = TRANSCRIPTS / name
    if not recorded.exists():
        pytest.skip("no recorded transcripts beside this checkout")
    file = tmp_path / name
    file.write_bytes(recorded.read_bytes())
    messages = recorded.read_text().count('{"type":"message"')
    first, again = await taken(store, file), await taken(store, file)
    assert (first.skipped, again.entries, again.sessions) == (0, 0, first.sessions)
    entries = await store.path(first.sessions[0])
    assert sum(isinstance(entry.body, Message) for entry in entries) >= messages
    assert len(entries) == first.entries


async def test_an_answer_of_claude_is_one_entry_with_all_of_its_results(store, tmp_path):
    def line(own: str, parent: str | None, kind: str, message: dict, **more: object) -> dict:
        head = {"type": kind, "uuid": own, "parentUuid": parent, "timestamp": AT}
        return head | {"sessionId": "s", "cwd": "/gone", "message": message} | more

    def said(own: str, parent: str, block: dict) -> dict:
        usage = {"input_tokens": 1, "output_tokens": 2}
        message = {"id": "m1", "model": "opus", "role": "assistant", "content": [block]}
        return line(own, parent, "assistant", message | {"usage": usage})

    def result(own: str, parent: str, call: str) -> dict:
        block = {"type": "tool_result", "tool_use_id": call, "content": f"{call} is done"}
        return line(own, parent, "user", {"role": "user", "content": [block]})

    def use(call: str) -> dict:
        return {"type": "tool_use", "id": call, "name": "Bash", "input": {"command": "ls"}}

    file = lines(
        tmp_path / "claude.jsonl",
        {"type": "summary", "summary": "A title", "leafUuid": "h"},
        line("a", None, "user", {"role": "user", "content": "please"}),
        line("z", "a", "user", {"role": "user", "content": "sub"}, isSidechain=True),
        said("b", "a", {"type": "thinking", "thinking": "hm", "signature": "x"}),
        said("c", "b", use("one")),
        said("d", "c", use("two")),
        result("e", "c", "one"),
        result("f", "d", "two"),
        line("g", "f", "assistant", {"id": "m2", "content": [text("finished")]}),
    )
    got = await taken(store, file)
    assert (got.entries, got.skipped) == (5, 0)
    assert got.left_out == {"line of a subagent": 1}
    entries = await store.path(got.sessions[0])
    answer = entries[1].body
    assert isinstance(answer.parts[0], Reasoning)
    assert [call.id for call in answer.calls] == ["one", "two"]
    results = [r.content for entry in entries for r in entry.body.results]
    assert results == ["one is done", "two is done"]
    assert (await store.info(got.sessions[0])).title == "A title"
    assert (await taken(store, file)).entries == 0


async def test_a_codex_rollout_gives_its_answers_and_what_they_took(store, tmp_path):
    def line(kind: str, **payload: object) -> dict:
        return {"timestamp": AT, "type": kind, "payload": payload}

    spent = {"input_tokens": 100, "cached_input_tokens": 60, "output_tokens": 8}
    info = {"total_token_usage": spent, "last_token_usage": spent}
    asked = [{"type": "input_text", "text": "please"}]
    noted = [{"type": "input_text", "text": "<environment_context>\n</environment_context>"}]
    file = lines(
        tmp_path / "rollout-1.jsonl",
        line("session_meta", id="s", timestamp=AT, cwd="/gone"),
        line("turn_context", model="gpt-x"),
        line("response_item", type="message", role="user", content=noted),
        line("response_item", type="message", role="user", content=asked),
        line("response_item", type="reasoning", summary=[{"type": "summary_text", "text": "hm"}]),
        line("response_item", type="function_call", name="shell", arguments='{"a":1}', call_id="c"),
        line("event_msg", type="token_count", info=info),
        line("event_msg", type="token_count", info=info),
        line("response_item", type="function_call_output", call_id="c", output="done"),
    )
    file.write_text(file.read_text() + "{broken\n")
    got = await taken(store, file)
    assert (got.entries, got.skipped, got.bad[0].line) == (4, 1, 10)
    entries = await store.path(got.sessions[0])
    assert entries[0].body == ModelChange(model="openai/gpt-x")
    assert entries[2].body.calls[0].arguments == {"a": 1}
    assert entries[3].body.results[0].name == "shell"
    usage = (await store.info(got.sessions[0])).usage
    assert (usage.input, usage.cache_read, usage.output) == (40, 60, 8)


async def test_a_gemini_chat_gives_calls_and_results(store, tmp_path):
    answer = {"output": "done"}
    call = {"id": "c", "name": "run", "args": {}, "status": "success", "timestamp": AT}
    call["result"] = [{"functionResponse": {"id": "c", "name": "run", "response": answer}}]
    tokens = {"input": 9, "output": 2, "cached": 4, "thoughts": 1, "total": 12}
    document = {"sessionId": "s", "projectHash": "h", "startTime": AT, "lastUpdated": AT}
    document["messages"] = [
        {"id": "1", "timestamp": AT, "type": "user", "content": "please"},
        {"id": "2", "timestamp": AT, "type": "gemini", "content": "so", "model": "g"}
        | {"toolCalls": [call], "tokens": tokens},
        {"id": "3", "timestamp": AT, "type": "info", "content": "noted"},
    ]
    file = tmp_path / "session.json"
    file.write_text(json.dumps(document, indent=2))
    got = await taken(store, file)
    assert (got.entries, got.skipped) == (3, 0)
    entries = await store.path(got.sessions[0])
    assert entries[2].body.results[0].content == "done"
    assert entries[1].body.usage.total == 12


async def test_each_chat_of_aider_is_a_session(store, tmp_path):
    file = tmp_path / ".aider.chat.history.md"
    file.write_text(
        "\n# aider chat started at 2026-01-02 03:04:05\n\n> Model: gpt-x with diff format  \n\n"
        "#### /add a.py\n\n#### first line  \n#### second line  \n\nHere:\n\n"
        "```\n#### code\n```\n\n"
        "> Tokens: 1.2k sent, 30 received. Cost: $0.01 message, $0.02 session.  \n"
        "\n# aider chat started at 2026-01-03 03:04:05\n\n#### other  \n\nYes.\n"
    )
    got = await taken(store, file)
    assert (len(got.sessions), got.entries, got.left_out) == (2, 4, {"command": 1})
    told = texts(await store.path(got.sessions[0]))
    assert told == ["first line\nsecond line", "Here:\n\n```\n#### code\n```"]
    info = await store.info(got.sessions[0])
    assert (info.usage.input, info.cost_nano) == (1200, 10_000_000)
    assert (await taken(store, file)).entries == 0


async def test_the_first_ions_database_comes_with_all_its_sessions(store, tmp_path):
    file = tmp_path / "old.db"
    db = sqlite3.connect(file)
    db.executescript(
        "CREATE TABLE sessions(id TEXT PRIMARY KEY, working_dir TEXT NOT NULL, model TEXT NOT NULL,"
        " created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL);"
        "CREATE TABLE messages(id INTEGER PRIMARY KEY, session_id TEXT NOT NULL,"
        " position INTEGER NOT NULL, role TEXT NOT NULL, content TEXT NOT NULL,"
        " created_at INTEGER NOT NULL, UNIQUE(session_id, position)); PRAGMA user_version=2;"
    )
    call = {"type": "tool_call", "id": "c", "name": "read", "arguments": {"path": "a"}}
    result = {"type": "tool_result", "tool_call_id": "c", "content": "text", "is_error": False}
    rows = [("system", [text("rules")]), ("user", [text("please")])]
    rows += [("assistant", [call]), ("tool_result", [result])]
    db.execute("INSERT INTO sessions VALUES('20260101-000000-abcd', '/gone', 'm', 1767225600, 1)")
    for position, (role, content) in enumerate(rows):
        values = (position, role, json.dumps(content))
        db.execute("INSERT INTO messages VALUES(NULL, '20260101-000000-abcd', ?, ?, ?, 5)", values)
    db.commit()
    db.close()
    got = await taken(store, file)
    assert (got.entries, got.skipped) == (3, 0)
    entries = await store.path(got.sessions[0])
    assert entries[2].body.results[0].name == "read"


def test_a_file_of_no_known_format_is_not_recognised(tmp_path):
    file = tmp_path / "any.jsonl"
    file.write_text('{"hello": 1}\n')
    assert recognised(file) is None
