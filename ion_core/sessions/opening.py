"""How a stored session is opened: to write it, mended where its last process left it in the middle;
or, while another store writes it, to read along with nothing changed."""

from __future__ import annotations

from msgspec import Struct

from ion_core.entries import Entry, SystemEvent
from ion_core.errors import StoreError, StoreTooNew
from ion_core.events import Queued
from ion_core.ids import SessionId
from ion_core.sessions.base import Append, SessionStore
from ion_core.sessions.lease import written_by
from ion_core.sessions.recovery import mends

CUT_OFF = SystemEvent(
    what="recovered", text="ion ended while the model answered. What had arrived is kept."
)


class Opened(Struct, frozen=True, kw_only=True):
    """The path from the root to the head, what waits, and who writes instead (empty: we do)."""

    path: list[Entry]
    queue: tuple[Queued, ...]
    along: str = ""


async def opened(store: SessionStore, session: SessionId) -> Opened:
    """The session by its whole id, with its lease unless another one holds it."""
    along = await _taken(store, session)
    path = await (store.path(session) if along else restored(store, session))
    return Opened(path=path, queue=await store.queue(session), along=along)


async def restored(store: SessionStore, session: SessionId) -> list[Entry]:
    """The path, with what was left in the middle mended. The lease must be held."""
    path = await store.path(session)
    mended = await mends(path, await store.open_effects(session))
    if (partial := await store.partial(session)) is not None:
        mended = (*mended, Append(body=partial), Append(body=CUT_OFF))
    if mended:
        path = [*path, *await store.commit(session, *mended)]
    return path


async def _taken(store: SessionStore, session: SessionId) -> str:
    try:
        holder = await store.take(session)
    except StoreTooNew as newer:
        return str(newer)
    except StoreError:  # it can be read where nothing can be written; each write says why not
        return ""
    return written_by(holder) if holder else ""
