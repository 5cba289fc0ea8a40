"""A transcript of another agent, taken into the store: in transactions of some thousand values.

Nothing is ever doubled: a second import of the same file, or of a longer one, adds what is new.
One that was cut off goes on where it ended. Memory does not grow with the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ion_core import __version__
from ion_core.errors import StoreError
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import Found, Imported, Importer
from ion_core.sessions.importers.intake import Intake, Taken, Value
from ion_core.sessions.moving.packed import packed
from ion_core.sessions.moving.stream import Sized, flow
from ion_core.sessions.sqlite import SqliteStore


async def take_in(
    store: SqliteStore, blobs: Blobs, file: Path, importer: Importer, cwd: Path
) -> Taken:
    """Import ``file``; ``cwd`` is where its sessions live when their own folder is not here.

    Raises ``StoreError``, also for a file without any session, and ``OSError``.
    """
    intake = Intake(importer.name, __version__, cwd)
    await flow(store, _sized(importer.read(file, blobs)), intake.place)
    await store.change(intake.finish)
    if not intake.taken.sessions:
        raise StoreError(f"{file} has no session in it.")
    return intake.taken


def _sized(values: Iterator[Imported]) -> Iterator[Sized[Value]]:
    for value in values:
        if isinstance(value, Found):
            body = packed(value.body)
            yield (value, body), body.bytes
        else:
            yield value, 0
