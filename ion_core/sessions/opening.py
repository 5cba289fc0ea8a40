"""How a stored session is opened: to write it, mended where its last process left it in the middle;
or, while another store writes it, to read along with nothing changed."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ion_core.entries import Entry, SystemEvent
from ion_core.errors import StoreError, StoreTooNew
from ion_core.events import Queued
from ion_core.ids import SessionId
from ion_core.sessions.base import Append, SessionInfo, SessionStore
from ion_core.sessions.lease import written_by
from ion_core.sessions.recovery import mends
from ion_core.view import SessionView, context_of

CUT_OFF = SystemEvent(
    what="recovered", text="ion ended while the model answered. What had arrived is kept."
)


class Opened(Struct, frozen=True, kw_only=True):
    """The path from the root to the head, what waits, who writes instead (empty: we do), and the
    sessions of its agents and of theirs."""

    path: list[Entry]
    queue: tuple[Queued, ...]
    along: str = ""
    agents: tuple[SessionInfo, ...] = ()


async def opened(store: SessionStore, session: SessionId) -> Opened:
    """The session by its whole id, with its lease unless another one holds it."""
    along = await _taken(store, session)
    agents = tuple(await store.agents(session))
    path = await (store.path(session) if along else restored(store, session, agents))
    return Opened(path=path, queue=await store.queue(session), along=along, agents=agents)


async def restored(
    store: SessionStore, session: SessionId, agents: Sequence[SessionInfo] = ()
) -> list[Entry]:
    """The path, with what was left in the middle mended. The lease must be held."""
    path = await store.path(session)
    own = [agent for agent in agents if agent.parent == session]
    mended = await mends(path, await store.open_effects(session), own)
    if (partial := await store.partial(session)) is not None:
        mended = (*mended, Append(body=partial), Append(body=CUT_OFF))
    if mended:
        path = [*path, *await store.commit(session, *mended)]
    return path


def view_of(
    info: SessionInfo,
    path: Sequence[Entry],
    queue: tuple[Queued, ...],
    agents: Sequence[SessionInfo],
) -> SessionView:
    """The view of a session as the store knows it; ``agents`` are its own and theirs."""
    known = {}
    if agents:
        from ion_core.sessions.family import children, with_agents  # start-up: few have any

        known = children(info, path, agents)
        info = with_agents(info, agents)
    return SessionView(
        session=info.id,
        entries=list(path),
        queue=queue,
        children=known,
        usage=info.usage,
        cost_nano=info.cost_nano,
        cost_known=info.cost_known,
        context=context_of(list(path)),
        model=info.model,
        mode=info.mode,
        title=info.title,
    )


async def _taken(store: SessionStore, session: SessionId) -> str:
    try:
        holder = await store.take(session)
    except StoreTooNew as newer:
        return str(newer)
    except StoreError:  # it can be read where nothing can be written; each write says why not
        return ""
    return written_by(holder) if holder else ""
