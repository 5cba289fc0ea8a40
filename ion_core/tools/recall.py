"""The ``recall`` tool: what was said and done in this project before, found again and cited.

It searches this session and those of the past, also what no longer is in the model's context. An
entry id is the citation: ``recall`` with it gives that entry whole, with its neighbours.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol

import msgspec
from msgspec import Struct

from ion_core.entries import Body, Entry
from ion_core.errors import IonError
from ion_core.ids import EntryId
from ion_core.messages import Display, Message
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason

NAME = "recall"
HITS = 8
NEIGHBOUR_LENGTH = 600
"""Characters of each entry around the one that was asked for."""


class Found(Protocol):
    """An entry that a search found; ``snippet`` is one line of it."""

    @property
    def session(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def entry(self) -> EntryId: ...
    @property
    def role(self) -> str: ...
    @property
    def at(self) -> float: ...
    @property
    def snippet(self) -> str: ...


class Excerpt(Protocol):
    """Entries that follow one another, ``entry`` among them."""

    @property
    def session(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def entry(self) -> EntryId: ...
    @property
    def entries(self) -> Sequence[Entry]: ...


class Archive(Protocol):
    """The sessions of the project that a folder belongs to. Raises ``IonError``."""

    async def search(self, query: str, folder: Path, limit: int) -> Sequence[Found]: ...

    async def passage(self, entry: EntryId, folder: Path) -> Excerpt: ...


class RecallArgs(Struct, frozen=True):
    """Words to search for, or the id of an entry."""

    example: ClassVar[dict[str, Any]] = {"query": "flaky upload test"}

    query: str = ""
    entry: str = ""


class Recall:
    """Looks into ``archive`` and changes nothing."""

    name = NAME
    description = (
        "Search what was said and done in this project before, in this session and in past ones. "
        'Give either a query (words, "a phrase"; filters file:NAME model:NAME is:error '
        "before:2025-11-01 after:7d) or an entry id to read that entry whole with what is around "
        "it. Cite what you use by its entry id."
    )
    args: type[Struct] = RecallArgs
    effect: Effect = "read"

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def target(self, args: RecallArgs) -> str:
        return args.entry or args.query

    def timeout_s(self, args: RecallArgs) -> float:
        return 30.0

    async def run(self, args: RecallArgs, ctx: ToolContext) -> Outcome:
        query, entry = args.query.strip(), args.entry.strip()
        if bool(query) == bool(entry):
            return failed("Give either a query or an entry, and not both.", self.target(args))
        try:
            if entry:
                return await self._entry(EntryId(entry), ctx.workspace.root)
            return await self._query(query, ctx.workspace.root)
        except IonError as error:
            return failed(reason(error), self.target(args))

    async def _query(self, query: str, folder: Path) -> Outcome:
        hits = await self._archive.search(query, folder, HITS)
        if not hits:
            content = "Nothing in this project's sessions fits that. Try fewer or other words."
            return Outcome(content=content, display=Display(target=query, summary="nothing found"))
        rows = [f"{_line(hit.entry, hit.at, hit.role, hit)}\n  {hit.snippet}" for hit in hits]
        return Outcome(
            content="\n".join([*rows, "Read one whole: recall with its entry id."]),
            display=Display(target=query, summary=f"{len(hits)} found"),
        )

    async def _entry(self, entry: EntryId, folder: Path) -> Outcome:
        excerpt = await self._archive.passage(entry, folder)
        content = "\n\n".join(_told(each, excerpt) for each in excerpt.entries)
        summary = f"{len(excerpt.entries)} entries"
        return Outcome(content=content, display=Display(target=entry, summary=summary))


def _line(entry: EntryId, at: float, role: str, place: Found | Excerpt) -> str:
    day = time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
    return f"[{entry}] {day} {role} in session {place.session} ({place.title[:60] or 'no title'})"


def _told(entry: Entry, excerpt: Excerpt) -> str:
    """One entry: whole if it is the one that was asked for, else its beginning."""
    role, text = _words(entry.body)
    if entry.id == excerpt.entry:
        return f"{_line(entry.id, entry.at, role, excerpt)}:\n{text}"
    short = text if len(text) <= NEIGHBOUR_LENGTH else text[:NEIGHBOUR_LENGTH] + "…"
    return f"[{entry.id}] {role}:\n{short}"


def _words(body: Body) -> tuple[str, str]:
    """Who speaks and what the entry says, calls and results included."""
    if not isinstance(body, Message):
        kind = str(body.__struct_config__.tag)
        return kind, " ".join(str(getattr(body, name)) for name in body.__struct_fields__)
    calls = (f"{call.name} {msgspec.json.encode(call.arguments).decode()}" for call in body.calls)
    results = (f"{result.name} ({result.status}):\n{result.content}" for result in body.results)
    return body.role, "\n".join(part for part in (body.text, *calls, *results) if part)
