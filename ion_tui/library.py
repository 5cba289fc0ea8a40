"""The sessions of the store as the sidebar shows them: listed, and searched.

What was listed is kept. A session that changed is asked for again alone, so that a list of
thousands costs no more than that while somebody works.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.errors import SessionNotFound
from ion_core.events import (
    ApprovalRequested,
    ApprovalSettled,
    Emitted,
    EntryAppended,
    HeadMoved,
    QuestionAnswered,
    QuestionAsked,
    SessionChanged,
    TurnEnded,
    TurnStarted,
)
from ion_core.ids import SessionId
from ion_core.subagent_events import SubagentEnded, SubagentProgress, SubagentStarted
from ion_tui.desk import Desk
from ion_tui.widgets.tree_rows import SessionItem, Shelf, State

if TYPE_CHECKING:
    from ion_core.runtime import Runtime
    from ion_core.sessions.base import SessionInfo
    from ion_core.trees import Branch
    from ion_tui.widgets.hit_rows import Found

LISTED_AGAIN = (
    EntryAppended,
    HeadMoved,
    SessionChanged,
    TurnStarted,
    TurnEnded,
    ApprovalRequested,
    ApprovalSettled,
    QuestionAsked,
    QuestionAnswered,
)
"""Events after which a session looks different in a list."""

HITS, TITLES = 60, 8
"""Messages and titles that a search lists."""
FILTER = r'\w+:\S|cost[<>]\d|"'
"""What asks for more than a title can answer."""


class Library:
    """``project`` is the one that ion was started in, known after the first listing; ``deleted``
    is what was put into the trash since then, the last of it last; ``changing`` is held while
    sessions are changed."""

    def __init__(self, runtime: Runtime, desk: Desk) -> None:
        self._runtime, self._desk = runtime, desk
        self._known: dict[str, SessionItem] = {}
        self._stale: set[str] = set()
        self._listed = False
        self.project = ""
        self.deleted: list[Sequence[SessionItem]] = []
        self.changing = asyncio.Lock()

    def changed(self, session: str, events: Sequence[Emitted]) -> Sequence[str]:
        """The sessions that look different in a list since these events of one."""
        found: dict[str, None] = {}
        for emitted in events:
            match emitted.event:
                case SubagentStarted(child=child) | SubagentEnded(child=child):
                    found[child] = None
                case SubagentProgress(child=child) if child not in self._known:
                    found[child] = None  # it was stored since it began
                case event if isinstance(event, LISTED_AGAIN):
                    found[session] = None
        return list(found)

    def forget(self, session: str = "") -> None:
        """A session has changed, or with none any of them: it is asked for at the next listing."""
        if session:
            self._stale.add(session)
        else:
            self._listed = False

    async def items(self, *, everywhere: bool = True) -> list[SessionItem]:
        """Every session, newest first; the archived ones and those in the trash too."""
        if not self._listed:
            await self._list()
        for session in tuple(self._stale):
            await self._look_again(session)
            self._stale.discard(session)
        states = self._states()
        items = [
            replace(item, state=states[item.id]) if item.id in states else item
            for item in self._known.values()
            if everywhere or item.project == self.project
        ]
        return sorted(items, key=lambda item: item.updated_at, reverse=True)

    async def _list(self) -> None:
        if not self.project:
            from ion_core.sessions.project import project_id  # start-up: it asks git's files

            self.project = project_id(self._runtime.cwd)
        self._listed, asked = True, self._runtime.sessions  # unless it is forgotten meanwhile
        try:
            lists = [await asked(), await asked(archived=True), await asked(deleted=True)]
            self._known = await asyncio.to_thread(_items, [info for each in lists for info in each])
        except BaseException:
            self._listed = False
            raise

    async def _look_again(self, session: str) -> None:
        try:
            info = await self._runtime.store.info(SessionId(session))
        except SessionNotFound:  # a new one, of which nothing is kept yet
            self._known.pop(session, None)
        else:
            self._known[info.id] = _item(info)

    def _states(self) -> dict[str, State]:
        """The sessions that are not idle."""
        failed: dict[str, State] = dict.fromkeys(self._desk.failed, "failed")
        running: dict[str, State] = dict.fromkeys(self._desk.running, "running")
        return failed | running | dict.fromkeys(self._desk.asking, "asking")

    async def branches(self, session: str) -> tuple[Branch, ...]:
        """The branches of a session, in the order in which they were made."""
        return await self._runtime.store.branches(SessionId(session))

    async def search(self, query: str, *, everywhere: bool) -> list[Found]:
        """Sessions whose titles fit, then messages that do, those of one session together."""
        from ion_tui.widgets.hit_rows import Found  # start-up: the first search pays for it

        project = None if everywhere else self.project
        hits = await self._runtime.store.search(query, project=project, limit=HITS)
        found = [
            Found(
                session=hit.session,
                title=hit.title,
                at=hit.at,
                entry=hit.entry,
                branch=hit.branch,
                role=hit.role,
                snippet=hit.snippet,
            )
            for hit in hits
        ]
        order = {session: n for n, session in enumerate(dict.fromkeys(f.session for f in found))}
        fit = [] if re.search(FILTER, query) else self._titled(query.lower().split(), project)
        titled = [Found(session=item.id, title=item.title, at=item.updated_at) for item in fit]
        return [*titled, *sorted(found, key=lambda each: order[each.session])]

    def _titled(self, words: Sequence[str], project: str | None) -> list[SessionItem]:
        fit = [
            item
            for item in self._known.values()
            if not item.shelf
            and project in (None, item.project)
            and all(word in item.title.lower() for word in words)
        ]
        fit.sort(key=lambda item: item.updated_at, reverse=True)
        return fit[:TITLES]


def _items(infos: Sequence[SessionInfo]) -> dict[str, SessionItem]:
    return {info.id: _item(info) for info in infos}


def _item(info: SessionInfo) -> SessionItem:
    shelf: Shelf = "archived" if info.archived else ""
    return SessionItem(
        id=info.id,
        project=info.project,
        name=Path(info.cwd).name or info.cwd,
        title=info.title or info.preview,
        updated_at=info.updated_at,
        kind=info.kind,
        parent=info.parent or "",
        tags=info.tags,
        pinned=info.pinned,
        shelf="trash" if info.deleted_at is not None else shelf,
        branches=info.branches,
        cost_nano=info.cost_nano,
    )
