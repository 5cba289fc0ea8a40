"""A transcript of another agent, taken into the store: in transactions of some thousand values.

Nothing is ever doubled: a second import of the same file, or of a longer one, adds what is new.
One that was cut off goes on where it ended. Memory does not grow with the file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from itertools import islice
from pathlib import Path

from ion_core import __version__
from ion_core.errors import StoreError
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import Imported, Importer
from ion_core.sessions.importers.intake import Intake, Taken
from ion_core.sessions.sqlite import SqliteStore

BATCH = 4000
"""Values that are one transaction."""


async def take_in(
    store: SqliteStore, blobs: Blobs, file: Path, importer: Importer, cwd: Path
) -> Taken:
    """Import ``file``; ``cwd`` is where its sessions live when their own folder is not here.

    Raises ``StoreError``, also for a file without any session, and ``OSError``.
    """
    values = importer.read(file, blobs)
    intake = Intake(importer.name, __version__, cwd)
    batch = await asyncio.to_thread(_next, values)
    while batch:
        batch, _ = await asyncio.gather(
            asyncio.to_thread(_next, values),
            store.change(partial(intake.place, values=batch)),
        )
    await store.change(intake.finish)
    if not intake.taken.sessions:
        raise StoreError(f"{file} has no session in it.")
    return intake.taken


def _next(values: Iterator[Imported]) -> list[Imported]:
    return list(islice(values, BATCH))
