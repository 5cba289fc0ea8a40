"""The sessions of the store as the sidebar shows them, and what is done to one from there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ion_core.events import (
    ApprovalRequested,
    ApprovalSettled,
    EntryAppended,
    QuestionAnswered,
    QuestionAsked,
    SessionChanged,
    TurnEnded,
    TurnStarted,
)
from ion_core.ids import SessionId
from ion_tui.desk import Desk
from ion_tui.widgets.tree_rows import SessionItem, State

if TYPE_CHECKING:
    from ion_core.runtime import Runtime
    from ion_core.sessions.base import SessionInfo

LISTED_AGAIN = (
    EntryAppended,
    SessionChanged,
    TurnStarted,
    TurnEnded,
    ApprovalRequested,
    ApprovalSettled,
    QuestionAsked,
    QuestionAnswered,
)
"""Events after which a session looks different in a list."""


class Library:
    """``project`` is the one that ion was started in, known after the first listing."""

    def __init__(self, runtime: Runtime, desk: Desk) -> None:
        self._runtime, self._desk = runtime, desk
        self._deleted: list[tuple[SessionId, str]] = []
        self.project = ""

    async def items(self, *, everywhere: bool = True) -> list[SessionItem]:
        """Every session, newest first."""
        if not self.project:
            from ion_core.sessions.project import project_id  # start-up: it asks git's files

            self.project = project_id(self._runtime.cwd)
        infos = await self._runtime.sessions(everywhere=everywhere)
        return [self._item(info) for info in infos]

    def _item(self, info: SessionInfo) -> SessionItem:
        return SessionItem(
            id=info.id,
            project=info.project,
            name=Path(info.cwd).name or info.cwd,
            title=info.title or info.preview,
            updated_at=info.updated_at,
            state=self._state(info.id),
        )

    def _state(self, session: str) -> State:
        if session in self._desk.asking:
            return "asking"
        if session in self._desk.running:
            return "running"
        return "failed" if session in self._desk.failed else "idle"

    async def rename(self, session: str, title: str) -> None:
        """Give a session a title."""
        await self._runtime.rename(SessionId(session), title)

    async def delete(self, session: str, title: str) -> None:
        """Put a session away, so that :meth:`restore` can bring it back."""
        await self._runtime.delete(SessionId(session))
        self._deleted.append((SessionId(session), title))

    async def restore(self) -> str | None:
        """Bring the last deleted session back; its title, or None when there is none."""
        if not self._deleted:
            return None
        session, title = self._deleted.pop()
        await self._runtime.restore(session)
        return title
