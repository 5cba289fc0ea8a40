"""What a person does to sessions as wholes: name, tag, pin, describe, archive, delete, fork.

A session that is open here is told; any other is changed where it is kept.
"""

from __future__ import annotations

from typing import Any

from ion_core.agent.session import Session
from ion_core.ids import EntryId, SessionId
from ion_core.sessions.base import Change, SessionInfo, SessionStore
from ion_core.sessions.marks import Tag


class Curation:
    """The part of a runtime that does so. Everything raises ``SessionNotFound``, and
    ``SessionBusy`` while another ion writes the session."""

    store: SessionStore

    async def open(self, session: str | None = None) -> Session:
        """A session to work in."""
        raise NotImplementedError

    def _opened(self, session: SessionId) -> Session | None:
        """The session, when it is open here."""
        raise NotImplementedError

    async def info(self, session: SessionId) -> SessionInfo:
        """A session without its entries."""
        return await self.store.info(session)

    async def rename(self, session: SessionId, title: str) -> None:
        """Give a session a title of the person's own."""
        if (already := self._opened(session)) is not None:
            await already.rename(title)
        else:
            await self.store.commit(session, Change(title=title, title_source="user"))

    async def describe(self, session: SessionId, text: str) -> None:
        """Keep a few words about a session; none to forget them."""
        await self.store.commit(session, Change(description=text))

    async def tag(self, session: SessionId, tag: str, on: bool = True) -> None:
        """Put a word on a session, or take it away."""
        await self.store.commit(session, Tag(tag=tag, on=on))

    async def pin(self, session: SessionId, on: bool = True) -> None:
        """List a session first and never clear it away, or no longer."""
        await self.store.commit(session, Change(pinned=on))

    async def archive(self, session: SessionId, on: bool = True) -> None:
        """Put a session out of sight, or back."""
        await self.store.commit(session, Change(archived=on))

    async def delete(self, session: SessionId) -> None:
        """Put a session into the trash, closing it first; :meth:`restore` brings it back."""
        if (already := self._opened(session)) is not None:
            await already.aclose()
        await self.store.commit(session, Change(deleted=True))

    async def restore(self, session: SessionId) -> None:
        """Bring a deleted session back."""
        await self.store.commit(session, Change(deleted=False))

    def _fresh(self, **known: Any) -> Session:
        """A new session of this folder, of which so much is known."""
        raise NotImplementedError

    async def hand_over(self, session: Session, goal: str) -> tuple[Session, str]:
        """A new session for a goal, and the prompt to begin it with: what ``session`` knows that
        matters there. Raises ``BadRequest``."""
        draft = await session.handoff(goal)
        view = session.view
        known = {"parent": session.id, "parent_entry": view.head, "model": view.model}
        return self._fresh(kind="handoff", mode=view.mode, **known), draft

    async def fork(self, session: SessionId, at: EntryId | None, title: str = "") -> Session:
        """Go on from an entry in a session of its own, which begins with a copy of the path there.
        Raises ``StoreError`` for an entry of another session."""
        forked = await self.store.fork(session, at, title)
        return await self.open(forked.id)
