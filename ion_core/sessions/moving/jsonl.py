"""ion's own export: everything of a session, so that importing it gives the same session.

A body leaves as the bytes that are stored. A picture stands once, above the first entry that shows
it; a large one becomes a file of its own beside the export.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import msgspec

from ion_core.codec import decode_body, encode
from ion_core.entries import Body
from ion_core.messages import Image, Message
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.moving import redacted
from ion_core.sessions.moving.lines import INLINE_BYTES, BlobLine, EntryLine, Exported
from ion_core.sessions.moving.reading import Departure
from ion_core.sessions.moving.redacted import Clean

Beside = Callable[[str, bytes], str]
"""Keeps bytes in the side folder under a name; the path to it from the export."""


class Jsonl:
    """The lines of one session. ``beside`` is None where there can be no side folder: then every
    picture is inline. ``missing`` lists, afterwards, the pictures whose bytes are gone."""

    def __init__(
        self,
        departure: Departure,
        blobs: Blobs,
        *,
        beside: Beside | None = None,
        clean: Clean | None = None,
    ) -> None:
        self._departure, self._blobs = departure, blobs
        self._beside, self._clean = beside, clean
        self._shown: set[str] = set()
        self.missing: list[str] = []
        self.entries = 0

    async def chunks(self) -> AsyncIterator[bytes]:
        """The file, a page at a time. Raises ``SessionNotFound`` and ``StoreError``."""
        header = await self._departure.header()
        clean = self._clean
        yield encode(header if clean is None else redacted.header(header, clean)) + b"\n"
        async for page in self._departure.entries():
            self.entries += len(page)
            yield await asyncio.to_thread(self._page, page)
        async for lines in self._departure.usage():
            yield b"".join(encode(line) + b"\n" for line in lines)

    def _page(self, page: list[Exported]) -> bytes:
        return b"".join(line + b"\n" for entry in page for line in self._lines(entry))

    def _lines(self, entry: Exported) -> Iterator[bytes]:
        data = entry.body
        if self._clean is not None or b'"image"' in data:
            body = decode_body(data)
            for image in images(body):
                yield from self._blob(image.sha256)
            data = data if self._clean is None else encode(redacted.body(body, self._clean))
        yield encode(
            EntryLine(id=entry.id, parent=entry.parent, at=entry.at, body=msgspec.Raw(data))
        )

    def _blob(self, sha256: str) -> Iterator[bytes]:
        if sha256 in self._shown:
            return
        self._shown.add(sha256)
        try:
            data = self._blobs.read(sha256)
        except OSError:
            self.missing.append(sha256)
            return
        if self._beside is None or len(data) <= INLINE_BYTES:
            yield encode(BlobLine(sha256=sha256, data=data))
        else:
            yield encode(BlobLine(sha256=sha256, file=self._beside(sha256, data)))


def images(body: Body) -> Iterator[Image]:
    """Every picture that an entry shows."""
    if isinstance(body, Message):
        yield from (part for part in body.parts if isinstance(part, Image))
        for result in body.results:
            yield from result.images
