"""What a person waits for in a library of 5,000 sessions and 130,000 entries: lists, opening,
searching, appending, and how long the event loop stands still meanwhile.

Beside each question stands what stores of one file of JSON lines a session take for it: the same
sessions, read and parsed as such stores do. A note says how many times as long that is.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from ion_core.messages import user
from ion_core.sessions.base import Append
from ion_core.sessions.sqlite import SqliteStore
from tests.bench import library
from tests.bench.library import Library
from tests.bench.row import Floor, Row, median

APPENDS = 200
PAGE = 200
"""Entries of the page that is shown first."""
PROBE_S = 0.001
WORDS = "w17", "w1203"

Question = Callable[[SqliteStore, Library], Awaitable[object]]


async def _list_50(store: SqliteStore, _: Library) -> object:
    return await store.sessions(limit=50)


async def _list_all(store: SqliteStore, _: Library) -> object:
    return await store.sessions()


async def _open_page(store: SqliteStore, made: Library) -> object:
    info = await store.info(made.long)
    return await store.path(info.id, limit=PAGE)


async def _open_whole(store: SqliteStore, made: Library) -> object:
    info = await store.info(made.long)
    return await store.path(info.id)


async def _outline(store: SqliteStore, made: Library) -> object:
    return await store.tree(made.long)


async def _search(store: SqliteStore, _: Library) -> object:
    return await store.search(" ".join(WORDS) + " ")


async def _append(store: SqliteStore, made: Library) -> object:
    return await store.commit(made.long, Append(body=user("a message of the usual length")))


Plain = Callable[[Library], object]
_WHOLE: Plain = lambda made: library.listed_whole(made.lines)  # noqa: E731 - a row of a table
_ENDS: Plain = lambda made: library.listed_by_ends(made.lines)  # noqa: E731
_OPEN: Plain = lambda made: library.opened(made.lines, made.long)  # noqa: E731
_READ: Plain = lambda made: library.searched(made.lines, *WORDS)  # noqa: E731

QUESTIONS: tuple[tuple[str, float, Question, dict[str, Plain]], ...] = (
    ("list 50 of 5,000", 0.005, _list_50, {"every file": _WHOLE, "ends of files": _ENDS}),
    ("list all 5,000", 0.060, _list_all, {"every file": _WHOLE, "ends of files": _ENDS}),
    ("open 10,000 entries, the last page", 0.060, _open_page, {"the file": _OPEN}),
    ("open 10,000 entries, all", 0.400, _open_whole, {"the file": _OPEN}),
    ("the tree of 10,000 entries", 0.060, _outline, {"the file": _OPEN}),
    ("search two words", 0.020, _search, {"every file": _READ}),
)


def measure(runs: int) -> list[Row]:
    """The rows of the library."""
    made = library.library()
    rows = asyncio.run(_asked(made, max(5, runs)))
    return [*rows, *asyncio.run(_appended(made)), asyncio.run(_stood_still(made))]


async def _asked(made: Library, runs: int) -> list[Row]:
    store = await SqliteStore.open(made.store)
    rows = []
    for name, must, question, plain in QUESTIONS:
        await question(store, made)
        samples = [await _timed(lambda q=question: q(store, made)) for _ in range(runs)]  # type: ignore[misc]
        floors = tuple(
            Floor(name=f"JSON lines, {how}", samples=(_took(lambda a=ask: a(made)),))  # type: ignore[misc]
            for how, ask in plain.items()
        )
        rows.append(_row(name, must, samples, floors))
    await store.aclose()
    return rows


def _row(name: str, must: float, samples: list[float], floors: tuple[Floor, ...]) -> Row:
    ratios = [f"{median(each.samples) / median(samples):,.1f}" for each in floors]
    note = f"JSON lines take {' and '.join(ratios)} times as long." if ratios else ""
    return Row(
        name=f"library: {name}",
        unit="s",
        samples=tuple(samples),
        floors=floors,
        must=must,
        note=note,
    )


async def _appended(made: Library) -> list[Row]:
    """Appending to the long session with and without waiting for the disk, and the disk alone."""
    store = await SqliteStore.open(made.store)
    durable = [await _timed(lambda: _append(store, made)) for _ in range(APPENDS)]
    disk = _synced(made.folder / "synced")
    await store.ask(lambda db: db.execute("PRAGMA synchronous=NORMAL").close())
    quick = [await _timed(lambda: _append(store, made)) for _ in range(APPENDS)]
    await store.aclose()
    floor = Floor(name="write and fsync of 4 KB", samples=tuple(disk))
    return [
        _row("append, not waiting for the disk", 0.002, quick, ()),
        Row(
            name="library: append, durable",
            unit="s",
            samples=tuple(durable),
            floors=(floor,),
            must=median(disk) + 0.002,
        ),
    ]


def _synced(path: Path) -> list[float]:
    """What the disk takes to keep a page at the end of a file."""
    file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
    page = os.urandom(4096)
    try:
        return [_took(lambda: (os.write(file, page), os.fsync(file))) for _ in range(APPENDS)]
    finally:
        os.close(file)
        path.unlink()


async def _stood_still(made: Library) -> Row:
    """The longest that the event loop was held up while each question was asked; beside it the
    same while the store rests, which is what the machine does to it."""
    store = await SqliteStore.open(made.store)
    idle = [await _lag(lambda: asyncio.sleep(0.1)) for _ in range(len(QUESTIONS) + 1)]
    busy = []
    for _, _, question, _ in QUESTIONS:
        busy.append(await _lag(lambda q=question: q(store, made)))  # type: ignore[misc]
    busy.append(await _lag(lambda: _append(store, made)))
    await store.aclose()
    return Row(
        name="library: the loop stands still, at most",
        unit="s",
        samples=tuple(busy),
        floors=(Floor(name="while nothing is asked", samples=tuple(idle)),),
        must=0.008,
    )


async def _lag(act: Callable[[], Awaitable[object]]) -> float:
    """How much later than asked the loop came back, at worst, while ``act`` went on."""
    worst, done = 0.0, asyncio.Event()

    async def probe() -> None:
        nonlocal worst
        while not done.is_set():
            began = time.monotonic()
            await asyncio.sleep(PROBE_S)
            worst = max(worst, time.monotonic() - began - PROBE_S)

    async with asyncio.TaskGroup() as group:
        group.create_task(probe())
        await asyncio.sleep(0.01)
        await act()
        done.set()
    return worst


async def _timed(act: Callable[[], Awaitable[object]]) -> float:
    began = time.monotonic()
    await act()
    return time.monotonic() - began


def _took(act: Callable[[], object]) -> float:
    began = time.monotonic()
    act()
    return time.monotonic() - began
