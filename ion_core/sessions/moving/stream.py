"""What comes from a file on its way to the store: read and packed in one thread, written in the
other, a batch at a time.

A batch is one transaction. Its size is bounded in values and in bytes, so that memory is bounded.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from typing import TypeVar

from ion_core.sessions.sqlite import SqliteStore
from ion_core.sessions.uncollected import uncollected

BATCH, BATCH_BYTES = 16_000, 8_000_000
"""Values of one transaction, and about how many bytes of text they may have."""
CACHE_KB = 32_000
"""SQLite keeps so many of the pages that a transaction changed; with its usual 2,000 it writes them
several times."""

T = TypeVar("T")
Sized = tuple[T, int]
"""A value, and how many bytes it has."""


async def flow(
    store: SqliteStore,
    values: Iterator[Sized[T]],
    write: Callable[[sqlite3.Connection, list[T]], None],
) -> None:
    """Write all ``values``. Raises what reading and writing raise."""
    await store.ask(partial(_use_memory, kb=CACHE_KB))
    with uncollected():
        batch = await asyncio.to_thread(_next, values)
        while batch:
            batch, _ = await asyncio.gather(
                asyncio.to_thread(_next, values),
                store.change(partial(_given, write=write, batch=batch)),
            )


def _given(
    db: sqlite3.Connection, write: Callable[[sqlite3.Connection, list[T]], None], batch: list[T]
) -> None:
    write(db, batch)


def _next(values: Iterator[Sized[T]]) -> list[T]:
    batch: list[T] = []
    size = 0
    for value, length in values:
        batch.append(value)
        size += length
        if len(batch) >= BATCH or size >= BATCH_BYTES:
            break
    return batch


def _use_memory(db: sqlite3.Connection, kb: int) -> None:
    db.execute(f"PRAGMA cache_size=-{kb}")
