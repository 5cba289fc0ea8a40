"""What the databases of ``fixtures`` hold, and what each ion must still answer when it asks them.

``python -m tests.core.sessions.stored`` writes the database of this version and the answers that
this version gives. Run it once, when a version of the schema is finished: a fixture is never
written again, since it stands for the files that people have.
"""

from __future__ import annotations

import asyncio
import gzip
import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from ion_core.entries import ModeChange, ModelChange, SystemEvent
from ion_core.ids import CallId
from ion_core.messages import user
from ion_core.sessions.base import (
    Append,
    Change,
    Enqueue,
    OpenEffect,
    Remember,
    SettleEffect,
    Spend,
)
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.schema import VERSION
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.fakes.sessions import an_info, did, said, ticking

FIXTURES = Path(__file__).parent / "fixtures"
QUERIES = ("parser", "fro*", '"the lexer"', "model:second", "is:error")
FACTS = ("id", "project", "cwd", "title", "title_source", "preview", "model", "mode", "head")
SUMS = ("created_at", "updated_at", "entries", "turns", "usage", "cost_nano", "cost_known")


async def fill(path: Path) -> None:
    """A store with everything that version 1 could write."""
    store = await SqliteStore.open(path, clock=ticking())
    parser, lexer = an_info("0193-parser"), an_info("0193-lexer", project="p2", model="m/second")
    first = await store.create(parser, [Append(body=user("Fix the parser, please."))])
    await store.commit(
        parser.id,
        Append(body=said("It reads from the lexer.", "c1")),
        OpenEffect(call=CallId("c1"), tool="bash", recovery="never", detail={"command": "run c1"}),
        Spend(
            purpose="turn",
            provider="mock",
            model="m",
            usage=Usage(input=1200, output=80, cache_read=900, reasoning=20),
            cost_nano=12_300_000,
        ),
    )
    long = "\n".join(f"line {number} of the log" for number in range(600))
    await store.commit(parser.id, Append(body=did("c1", f"{long}\nError: frobnicate")))
    await store.commit(parser.id, SettleEffect(call=CallId("c1")), Remember(text="Fix the parser"))
    await store.commit(parser.id, MoveHead(to=first[0].id), Append(body=said("Another way.")))
    await store.commit(parser.id, Change(title="The parser", title_source="user"))
    await store.create(lexer, [Append(body=user("Why is the lexer slow? Größe: 日本語"))])
    await store.commit(
        lexer.id,
        Append(body=ModelChange(model="m/second:high")),
        Append(body=ModeChange(mode="read")),
        Append(body=said("", "c2")),
        OpenEffect(call=CallId("c2"), tool="bash", recovery="never"),
        Append(body=did("c2", "Traceback: it failed", status="error")),
        Append(body=SystemEvent(what="interrupted", text="Interrupted by the person.")),
        Enqueue(kind="follow_up", text="and then?"),
        Change(mode="read"),
        Spend(purpose="turn", provider="m", model="second", usage=Usage(output=7), cost_nano=None),
    )
    gone = an_info("0193-gone")
    await store.create(gone, [Append(body=user("To be thrown away"))])
    await store.commit(gone.id, Change(deleted=True))
    await store.aclose()


async def answers(path: Path) -> dict[str, Any]:
    """What the store in ``path`` says of all that, as JSON has it."""
    store = await SqliteStore.open(path, clock=ticking())
    infos = [*await store.sessions(), *await store.sessions(deleted=True)]
    said: dict[str, Any] = {
        "sessions": [{name: getattr(each, name) for name in (*FACTS, *SUMS)} for each in infos],
        "paths": {each.id: await store.path(each.id) for each in infos},
        "queues": {each.id: await store.queue(each.id) for each in infos},
        "effects": {each.id: await store.open_effects(each.id) for each in infos},
        "history": await store.history("p1"),
        "hits": {query: await store.search(query) for query in QUERIES},
        "spending": await store.spending(),
    }
    await store.aclose()
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(said))
    return plain


def unpacked(version: int, folder: Path) -> Path:
    """The database of a version, as ``folder/sessions.db``."""
    path = folder / "sessions.db"
    with gzip.open(FIXTURES / f"v{version}.db.gz") as packed, path.open("wb") as file:
        shutil.copyfileobj(packed, file)
    return path


def expected(version: int) -> dict[str, Any]:
    """The answers of that version's own ion."""
    known: dict[str, Any] = msgspec.json.decode((FIXTURES / f"v{version}.json").read_bytes())
    return known


async def _write() -> None:
    FIXTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sessions.db"
        await fill(path)
        packed = gzip.compress(path.read_bytes(), mtime=0)
        told = msgspec.json.encode(await answers(path))
    (FIXTURES / f"v{VERSION}.db.gz").write_bytes(packed)
    (FIXTURES / f"v{VERSION}.json").write_bytes(msgspec.json.format(told, indent=1) + b"\n")


if __name__ == "__main__":
    asyncio.run(_write())
