"""Recorded sessions of Pi, counted here by other means and compared with what is imported."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ion_core.entries import ModelChange
from ion_core.messages import Message
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.pi import Pi
from ion_core.sessions.importers.take_in import take_in
from ion_core.sessions.sqlite import SqliteStore

TRANSCRIPTS = Path(__file__).parents[4] / "shared" / "transcripts"
ROLES = {"bashExecution": "user", "toolResult": "tool"}
KEPT = ("message", "compaction", "model_change")


@pytest.mark.parametrize("name", ["pi-before-compaction.jsonl", "pi-large-session.jsonl"])
async def test_a_recorded_session_of_pi_is_here_whole(tmp_path: Path, name: str) -> None:
    if not (TRANSCRIPTS / name).exists():
        pytest.skip("no recorded transcripts beside this checkout")
    text = (TRANSCRIPTS / name).read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.split("\n") if line]
    store = await SqliteStore.open(tmp_path / "sessions.db")
    blobs = Blobs(tmp_path / "blobs")
    taken = await take_in(store, blobs, TRANSCRIPTS / name, Pi(), tmp_path)
    info = await store.info(taken.sessions[0])
    entries = await store.path(info.id)
    kept = [line for line in lines if line["type"] in KEPT]
    assert (taken.skipped, taken.entries, len(entries)) == (0, len(kept), len(kept))
    messages = [line["message"] for line in lines if line["type"] == "message"]
    roles = Counter(ROLES.get(each["role"], each["role"]) for each in messages)
    roles["user"] += sum(line["type"] == "compaction" for line in lines)
    bodies = [entry.body for entry in entries]
    assert Counter(body.role for body in bodies if isinstance(body, Message)) == roles
    changes = sum(line["type"] == "model_change" for line in lines)
    assert sum(isinstance(body, ModelChange) for body in bodies) == changes
    answers = [each for each in messages if each["role"] == "assistant"]
    came = [body for body in bodies if isinstance(body, Message) and body.role == "assistant"]
    assert [body.text for body in came] == [_texts(each["content"]) for each in answers]
    assert [call.id for body in came for call in body.calls] == [
        block["id"] for each in answers for block in each["content"] if block["type"] == "toolCall"
    ]
    usage = info.usage
    sums = (usage.input, usage.output, usage.cache_read, usage.cache_write)
    fields = ("input", "output", "cacheRead", "cacheWrite")
    assert sums == tuple(sum(each["usage"][field] for each in answers) for field in fields)
    dollars = sum(each["usage"]["cost"]["total"] for each in answers)
    assert info.cost_nano == pytest.approx(dollars * 1e9, abs=len(answers))
    await store.aclose()


def _texts(content: list[dict[str, Any]]) -> str:
    return "".join(block["text"] for block in content if block["type"] == "text")
