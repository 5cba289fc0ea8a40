"""What stands in the columns beside a payload, and what can be searched."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ion_core.ids import CallId, entry_row
from ion_core.messages import Display, Message, Origin, Text, ToolResult, answered, user
from ion_core.sessions.base import Append, Dequeue, Enqueue, OpenEffect, SettleEffect, Spend
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.fakes.sessions import an_info, did, said, ticking

USAGE = Usage(input=10, output=2, cache_read=5, cache_write=1, reasoning=1)
ORIGIN = Origin(protocol="openai-chat", provider="mock", base_url="http://x/v1", model="m1")


@pytest.fixture
async def store() -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.memory(clock=ticking())
    yield opened
    await opened.aclose()


async def rows(store: SqliteStore, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    return await store._writer.read(lambda db: db.execute(sql, values).fetchall())


async def found(store: SqliteStore, words: str) -> list[int]:
    sql = "SELECT rowid FROM entry_fts WHERE entry_fts MATCH ? ORDER BY rowid"
    return [row for (row,) in await rows(store, sql, words)]


async def test_an_answer_fills_its_columns(store: SqliteStore) -> None:
    answer = Message(
        role="assistant",
        parts=(Text(text="hi"),),
        origin=ORIGIN,
        stop="end_turn",
        usage=USAGE,
    )
    await store.create(an_info(), [Append(body=user("hello")), Append(body=answer)])
    sql = (
        "SELECT type, role, status, provider, model, stop_reason, tok_in, tok_out, tok_cache_r, "
        "tok_cache_w, depth, turn FROM entry ORDER BY id"
    )
    question, reply = await rows(store, sql)
    assert question == ("message", "user", "final", *[None] * 7, 0, 1)
    assert reply[:6] == ("message", "assistant", "final", "mock", "m1", "end_turn")
    assert reply[6:] == (10, 2, 5, 1, 1, 1)


async def test_a_result_fills_its_columns(store: SqliteStore) -> None:
    result = ToolResult(
        call=CallId("c1"),
        name="bash",
        status="indeterminate",
        content="?",
        display=Display(duration_ms=12),
    )
    await store.create(an_info(), [Append(body=answered(result)), Append(body=did("c2"))])
    sql = "SELECT type, role, status, tool, call_id, is_error, latency_ms FROM entry ORDER BY id"
    assert await rows(store, sql) == [
        ("tool_result", "tool", "indeterminate", "bash", "c1", 1, 12),
        ("tool_result", "tool", "final", "bash", "c2", 0, None),
    ]


async def test_a_long_payload_is_compressed_when_that_helps(store: SqliteStore) -> None:
    noise = "".join(chr(0x4E00 + (i * 7919) % 20_000) for i in range(3_000))
    info = an_info()
    bodies = [user("short"), user("long " * 2_000), user(noise)]
    await store.create(info, [Append(body=body) for body in bodies])
    sizes = await rows(store, "SELECT codec, length(payload) FROM entry ORDER BY id")
    assert [codec for codec, _ in sizes][:2] == [0, 1]
    assert sizes[1][1] < 1_000
    assert [entry.body for entry in await store.path(info.id)] == bodies


async def test_what_was_asked_answered_run_and_failed_can_be_found(store: SqliteStore) -> None:
    output = "start\n" + "filler line\n" * 1_000 + "ValueError: zebra crossing\nquagga\n"
    writes = [
        Append(body=user("Where is the naïve parser?")),
        Append(body=said("It hides in lexer_core.", "c1")),
        Append(body=did("c1", output)),
    ]
    asked, answer, result = (entry_row(entry.id) for entry in await store.create(an_info(), writes))
    assert await found(store, "naive") == [asked]
    assert await found(store, "lexer_core") == [answer]
    assert await found(store, '"run c1"') == [answer]
    assert await found(store, "start") == [result]
    assert await found(store, "zebra") == [result]
    assert await found(store, "quagga") == []


async def test_a_deleted_entry_leaves_the_search(store: SqliteStore) -> None:
    await store.create(an_info(), [Append(body=user("ephemeral"))])
    await store._writer.write(lambda db: db.execute("DELETE FROM session").close())
    assert await found(store, "ephemeral") == []
    assert await rows(store, "SELECT * FROM entry_text") == []


async def test_every_payment_is_kept_with_its_entry(store: SqliteStore) -> None:
    info = an_info()
    spend = Spend(purpose="turn", provider="mock", model="m1", usage=USAGE, cost_nano=99)
    retry = Spend(purpose="retry", provider="mock", model="m1", usage=USAGE, cost_nano=None)
    (entry,) = await store.create(info, [retry, Append(body=said("hi")), spend])
    sql = (
        "SELECT root_session_id, entry_id, purpose, provider, model, tok_in, tok_out, tok_cache_r, "
        "tok_cache_w, tok_reason, cost_nano FROM usage_event ORDER BY id"
    )
    numbers = ("mock", "m1", 10, 2, 5, 1, 1)
    assert await rows(store, sql) == [
        (info.id, None, "retry", *numbers, None),
        (info.id, entry_row(entry.id), "turn", *numbers, 99),
    ]


async def test_a_settled_effect_and_a_taken_message_name_their_entry(store: SqliteStore) -> None:
    info = an_info()
    effect = OpenEffect(call=CallId("c1"), tool="bash", recovery="never")
    await store.create(info, [effect, Enqueue(kind="steer", text="hurry")])
    (waiting,) = await store.queue(info.id)
    (entry,) = await store.commit(
        info.id,
        Append(body=did("c1")),
        SettleEffect(call=CallId("c1")),
        Dequeue(id=waiting.id),
    )
    row = entry_row(entry.id)
    assert await rows(store, "SELECT state, entry_id FROM effect") == [("settled", row)]
    assert await rows(store, "SELECT state, entry_id FROM inbox") == [("taken", row)]


async def test_a_branch_counts_its_revisions(store: SqliteStore) -> None:
    info = an_info()
    await store.create(info, [Append(body=user("one"))])
    await store.commit(info.id, Append(body=user("two")), Append(body=user("three")))
    assert await rows(store, "SELECT name, rev FROM branch") == [("main", 2)]
