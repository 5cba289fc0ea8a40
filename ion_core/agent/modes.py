"""The mode of a session, changed: an entry of its tree, then what everybody hears."""

from __future__ import annotations

from ion_core.agent.journal import Journal
from ion_core.entries import Mode, ModeChange
from ion_core.errors import NotTrusted
from ion_core.events import SessionChanged
from ion_core.sessions.base import Append, Change


async def change_mode(journal: Journal, mode: Mode) -> None:
    """Work in another mode from the next call on. Raises ``StoreError``, and ``NotTrusted`` in a
    folder that is not."""
    if mode == journal.bus.view.mode:
        return
    if journal.locked:
        raise NotTrusted(journal.locked)
    if journal.created:
        await journal.record(Append(body=ModeChange(mode=mode)))
    await journal.change(Change(mode=mode))
    await journal.emit(SessionChanged(mode=mode))
