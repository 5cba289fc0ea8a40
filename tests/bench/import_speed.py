"""Taking transcripts in: entries a second of ion's own export and of another agent's sessions, and
the memory that a long file takes. The floor is the reading of the same lines, and nothing of them
kept.
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from ion_core import codec
from ion_core.ids import CallId
from ion_core.messages import Message, Origin, Text, ToolCall, ToolResult, answered, user
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.pi import Pi
from ion_core.sessions.importers.take_in import take_in as take_foreign
from ion_core.sessions.moving.arrival import take_in
from ion_core.sessions.moving.lines import Described, EntryLine, Header, UsageLine
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.bench.row import Floor, Row
from tests.bench.scratch import ROOT, Scratch

ENTRIES, LONG = 40_000, 1_000_000
MUST = 20_000
MUST_MB = 150
BEGAN = 1_700_000_000
SESSION = "018bcfe5-6800-7000-8000-000000000001"
_MEMORY = """
import asyncio, resource, sys
from pathlib import Path
from tests.bench.import_speed import taken
asyncio.run(taken(Path(sys.argv[1]), Path(sys.argv[2])))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
"""


def measure(runs: int) -> list[Row]:
    """A row for each format, and, unless there are few runs, one for memory."""
    with Scratch() as scratch:
        own, pi = scratch.folder / "own.jsonl", scratch.folder / "pi.jsonl"
        _write(own, _own(ENTRIES))
        _write(pi, _pi(ENTRIES))
        rows = [_row("ion's own export", own, runs), _row("a session of Pi", pi, runs)]
        if runs >= 9:
            rows.append(_memory(scratch.folder))
        return rows


async def taken(file: Path, folder: Path) -> int:
    """How many entries of ``file`` are in a store afterwards that was empty before."""
    store = await SqliteStore.open(folder / "sessions.db")
    blobs = Blobs(folder / "blobs")
    try:
        if file.name.startswith("pi"):
            return (await take_foreign(store, blobs, file, Pi(), folder)).entries
        return (await take_in(store, blobs, file, folder)).entries
    finally:
        await store.aclose()


def _row(name: str, file: Path, runs: int) -> Row:
    samples, floor = [], []
    for _ in range(min(3, runs)):
        with Scratch() as scratch:
            began = time.monotonic()
            entries = asyncio.run(taken(file, scratch.folder))
            samples.append(entries / (time.monotonic() - began))
        began = time.monotonic()
        with file.open("rb") as lines:
            for line in lines:
                msgspec.json.decode(line)
        floor.append(entries / (time.monotonic() - began))
    return Row(
        name=f"import: {name}",
        unit="1/s",
        samples=tuple(samples),
        floors=(Floor(name="its lines decoded", samples=tuple(floor)),),
        must=MUST,
        more=True,
    )


def _memory(folder: Path) -> Row:
    """In a process of its own, since memory is told at its highest."""
    file = folder / "long.jsonl"
    _write(file, _own(LONG))
    done = subprocess.run(
        [sys.executable, "-c", _MEMORY, str(file), str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    samples = (float(done.stdout),)
    return Row(name=f"import: memory, {LONG:,} entries", unit="MB", samples=samples, must=MUST_MB)


def _write(file: Path, lines: Iterator[bytes]) -> None:
    with file.open("wb") as out:
        out.writelines(line + b"\n" for line in lines)


def _words() -> Iterator[str]:
    """Pieces of text whose n-th most frequent word is 1/n as frequent as the first."""
    chance = random.Random(1)
    weights = [1 / (number + 1) for number in range(8_000)]
    drawn = [f"w{number}" for number in chance.choices(range(8_000), weights, k=200_000)]
    while True:
        at, size = chance.randrange(199_000), chance.randrange(10, 60)
        yield " ".join(drawn[at : at + size])


def _bodies(count: int) -> Iterator[Message]:
    words = _words()
    origin = Origin(protocol="mock", provider="mock", base_url="", model="m")
    for number in range(count):
        match number % 4:
            case 0:
                yield user(next(words))
            case 2:
                call = CallId(f"c{number - 1}")
                yield answered(ToolResult(call=call, name="bash", status="ok", content=next(words)))
            case kind:
                call = ToolCall(id=CallId(f"c{number}"), name="bash", arguments={"command": "ls"})
                yield Message(
                    role="assistant",
                    parts=(Text(text=next(words)), *([call] if kind == 1 else [])),
                    origin=origin,
                    stop="tool_use" if kind == 1 else "end_turn",
                    usage=Usage(input=900, output=90),
                )


def _own(count: int) -> Iterator[bytes]:
    told = Described(
        id=SESSION, project="p", cwd="/gone", created_at=BEGAN, updated_at=BEGAN + count
    )
    yield codec.encode(Header(schema=1, version="0", session=told, entries=count))
    parent = None
    for number, body in enumerate(_bodies(count)):
        own = f"{SESSION}/e{number}/{number}"
        yield codec.encode(
            EntryLine(
                id=own, parent=parent, at=BEGAN + number, body=msgspec.Raw(codec.encode(body))
            )
        )
        if body.usage:
            yield codec.encode(
                UsageLine(
                    entry=own,
                    purpose="turn",
                    provider="mock",
                    model="m",
                    usage=body.usage,
                    cost_nano=5,
                    at=BEGAN + number,
                )
            )
        parent = own


def _pi(count: int) -> Iterator[bytes]:
    began = datetime.fromtimestamp(BEGAN, UTC).isoformat()
    header = {"type": "session", "version": 3, "id": SESSION, "timestamp": began, "cwd": "/gone"}
    yield json.dumps(header).encode()
    parent = None
    for number, body in enumerate(_bodies(count)):
        line = {"type": "message", "id": f"{number:08x}", "parentId": parent, "timestamp": began}
        yield json.dumps({**line, "message": _pi_message(body)}).encode()
        parent = line["id"]


def _pi_message(body: Message) -> dict[str, object]:
    if body.role == "tool":
        result = body.results[0]
        text = [{"type": "text", "text": result.content}]
        return {
            "role": "toolResult",
            "toolCallId": result.call,
            "toolName": "bash",
            "content": text,
        }
    content: list[dict[str, object]] = [{"type": "text", "text": body.text}]
    if body.role == "user":
        return {"role": "user", "content": content}
    content += [
        {"type": "toolCall", "id": call.id, "name": call.name, "arguments": call.arguments}
        for call in body.calls
    ]
    usage = {"input": 900, "output": 90, "cacheRead": 0, "cacheWrite": 0, "cost": {"total": 0.001}}
    told = {"api": "anthropic-messages", "provider": "mock", "model": "m", "stopReason": "stop"}
    return {"role": "assistant", "content": content, "usage": usage, **told}
