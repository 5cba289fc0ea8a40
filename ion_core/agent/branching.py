"""Where in its tree a session goes on, and what a person puts on it.

Nothing is lost by any of this: what was left keeps its name, and can be gone back to.
"""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.agent.branch import asked, moved
from ion_core.agent.journal import Journal
from ion_core.agent.rooms import Rooms
from ion_core.ids import EntryId
from ion_core.messages import Image
from ion_core.sessions.marks import Label, MoveHead, NameBranch, SwitchBranch
from ion_core.trees import SessionTree


class Branching:
    """The part of a session that does so."""

    _journal: Journal
    _rooms: Rooms

    async def submit(self, text: str, images: Sequence[Image] = ()) -> None:
        """Say something, and show pictures."""
        raise NotImplementedError

    async def _settle(self) -> None:
        """Stop what runs. Raises when the session cannot be changed."""
        raise NotImplementedError

    async def tree(self) -> SessionTree:
        """Every entry of this session in outline, and its branches."""
        return await self._rooms.store.tree(self._journal.session)

    async def move_to(self, entry: EntryId | None) -> None:
        """Continue from another entry of this session (None: from before the first), on the branch
        that ends there or on a new one. Raises ``StoreError`` for an entry of another session."""
        await self._go(MoveHead(to=entry))

    async def switch(self, branch: str) -> None:
        """Continue at the tip of another branch. Raises ``StoreError``."""
        await self._go(SwitchBranch(name=branch))

    async def resend(self, entry: EntryId, text: str) -> None:
        """Say a message of the person's again in other words and with its pictures, on a branch of
        its own. Raises ``StoreError`` for what is none of theirs."""
        said = asked(self._journal.bus.view.entries, entry)
        pictures = [part for part in said.body.parts if isinstance(part, Image)]
        await self._go(MoveHead(to=said.parent))
        await self.submit(text, pictures)

    async def name_branch(self, name: str, old: str = "") -> None:
        """Another name for a branch, the active one without ``old``. Raises ``StoreError``."""
        await self._journal.record(NameBranch(name=name, old=old))

    async def label(self, entry: EntryId, label: str, *, on: bool = True) -> None:
        """Put a word on an entry, or take it away. Raises ``StoreError``."""
        await self._journal.record(Label(entry=entry, label=label, on=on))

    async def _go(self, mark: MoveHead | SwitchBranch) -> None:
        """Be elsewhere in the tree. What was there stays."""
        await self._settle()
        await self._journal.record(mark)
        path = await self._rooms.store.path(self._journal.session)
        await self._journal.emit(moved(self._journal.bus.view.entries, path))
