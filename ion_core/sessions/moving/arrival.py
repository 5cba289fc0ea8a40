"""A file of ion's own export, taken into the store: line by line, however long it is.

A line that cannot be read is counted and told, and the rest goes on. Nothing is ever doubled: a
second import of the same file, or of a longer one, adds what is not here.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from ion_core.codec import decode_body
from ion_core.errors import StoreError, StoreTooNew
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.moving.landing import Landing
from ion_core.sessions.moving.lines import (
    FORMAT,
    BlobLine,
    EntryLine,
    Header,
    UsageLine,
    header_of,
    line_of,
)
from ion_core.sessions.moving.packed import packed
from ion_core.sessions.moving.placing import Foreign
from ion_core.sessions.moving.stream import flow
from ion_core.sessions.sqlite import SqliteStore

LONGEST = 64_000_000
"""Bytes of a line; a longer one is skipped."""
BUFFER = 1_000_000
"""Bytes that are read at once: to wait for the disk is to wait for the other thread."""
TOLD = 100
"""Bad lines that are told one by one; the others are counted."""


class BadLine(Struct, frozen=True, kw_only=True):
    """A line (from 1) that was not taken as it is, and why."""

    line: int
    reason: str


class Arrived(Struct, frozen=True, kw_only=True):
    """What came of an import: how many entries were added, how many lines are bad (``bad`` tells
    the first of them), and how many entries the file says that it had but has not."""

    session: str
    entries: int
    skipped: int
    bad: tuple[BadLine, ...] = ()
    absent: int = 0


def recognised(begin: bytes) -> bool:
    """Whether a file that begins so is an export of ion."""
    return begin.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b'{"ion":')


async def take_in(store: SqliteStore, blobs: Blobs, file: Path, cwd: Path) -> Arrived:
    """Import ``file``; ``cwd`` is where its session lives when its own folder is not here.

    Raises ``StoreError`` for a file that is no export of ion, and ``OSError``.
    """
    with file.open("rb", BUFFER) as lines:
        header = _header(lines.readline(LONGEST), file)
        arrival = Arrival(store, blobs, file.parent, Landing(header, cwd))
        try:
            return await arrival.run(lines, header.entries)
        except OverflowError as error:
            raise StoreError(f"A number in {file} is too large to be stored.") from error


def _header(line: bytes, file: Path) -> Header:
    try:
        header = header_of(line.removeprefix(b"\xef\xbb\xbf"))
    except msgspec.DecodeError as error:
        raise StoreError(f"{file} does not begin like an export of ion ({error}).") from error
    if header.ion > FORMAT:
        raise StoreTooNew(f"{file} was written by a newer ion ({header.version}). Update ion.")
    return header


class Arrival:
    """One import under way."""

    def __init__(self, store: SqliteStore, blobs: Blobs, folder: Path, landing: Landing) -> None:
        self._store, self._blobs, self._folder = store, blobs, folder
        self._landing, self._placing = landing, landing.placing
        self._bad: list[BadLine] = []
        self._skipped = self._seen = 0

    async def run(self, lines: BinaryIO, promised: int) -> Arrived:
        """Everything behind the header."""
        await self._store.change(self._landing.begin)
        read = ((self._read(number, line), len(line)) for number, line in _numbered(lines))
        await flow(self._store, read, self._place)
        await self._store.change(self._landing.finish)
        return Arrived(
            session=self._placing.session,
            entries=self._placing.added,
            skipped=self._skipped,
            bad=tuple(sorted(self._bad, key=lambda bad: bad.line)),
            absent=max(0, promised - self._seen),
        )

    def _read(self, number: int, line: bytes) -> Foreign | UsageLine | None:
        """The line, None for one without an entry."""
        try:
            if len(line) >= LONGEST:
                raise ValueError(f"it is longer than {LONGEST // 1_000_000} MB")
            match line_of(line):
                case EntryLine() as entry:
                    self._seen += 1
                    body = packed(decode_body(entry.body))
                    return Foreign(number, entry.id, entry.parent, round(entry.at * 1000), body)
                case UsageLine() as paid:
                    return paid
                case BlobLine() as blob:
                    self._keep(blob)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            self._tell(number, f"it cannot be read: {error}")
        except (StoreError, OSError, OverflowError, ValueError) as error:
            self._tell(number, str(error))
        return None

    def _keep(self, blob: BlobLine) -> None:
        data = blob.data
        if data is None:
            place = Path(blob.file or "")
            path = self._folder / place
            if len(place.parts) != 2 or ".." in place.parts or path.is_symlink():
                raise ValueError(f"{blob.file!r} is no file of a side folder")
            data = path.read_bytes()
        if hashlib.sha256(data).hexdigest() != blob.sha256:
            raise ValueError(f"the picture {blob.sha256[:12]} is not what its name says")
        self._blobs.keep(data)

    def _place(self, db: sqlite3.Connection, batch: list[Foreign | UsageLine | None]) -> None:
        placing = self._placing
        added, asked = placing.added, placing.asked
        placing.begin(db, [each.id for each in batch if isinstance(each, Foreign)])
        paid: list[UsageLine] = []
        for each in batch:
            if isinstance(each, Foreign):
                if wrong := placing.place(db, each):
                    self._tell(each.line, wrong)
            elif each is not None:
                paid.append(each)
        for line, wrong in placing.write(db):
            self._tell(line, wrong)
        self._landing.pay(db, paid)
        self._landing.count(db, placing.added - added, placing.asked - asked)

    def _tell(self, line: int, reason: str) -> None:
        self._skipped += 1
        if len(self._bad) < TOLD:
            self._bad.append(BadLine(line=line, reason=reason))


def _numbered(lines: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines from the second on with their numbers, empty ones left out. Of one that is too
    long, the beginning."""
    number = 1
    while line := lines.readline(LONGEST):
        number += 1
        rest = line
        while len(rest) == LONGEST and not rest.endswith(b"\n"):
            rest = lines.readline(LONGEST)
        if line.strip():
            yield number, line
