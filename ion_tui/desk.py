"""The desk: which sessions are open, and which of them is on screen.

A session that works goes on working when another one is shown; one that is idle is closed when it
leaves the screen, and one that becomes idle out of sight is closed then.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ion_core.events import Emitted
from ion_tui.bridge import Bridge
from ion_tui.panel import Panel

if TYPE_CHECKING:
    from ion_core.agent.session import Session

Start = Callable[[Callable[[], Coroutine[Any, Any, None]]], object]


class Desk:
    """``start`` runs a coroutine function as a task of the app. ``on_events`` hears what happens
    in every open session, with True for the one on screen. ``beside`` shows the session that the
    one on screen is an agent of, ``parent_of`` says which."""

    def __init__(
        self,
        *,
        panels: Sequence[Panel],
        start: Start,
        on_events: Callable[[Bridge, Sequence[Emitted], bool], None],
        beside: Panel,
        parent_of: Callable[[str], str],
    ) -> None:
        self._pane, self._parent_of = beside, parent_of
        self.beside: Bridge | None = None
        self._panels, self._start, self._on_events = panels, start, on_events
        self._bridges: dict[str, Bridge] = {}
        self.current: Bridge | None = None
        self.failed: set[str] = set()

    @property
    def session(self) -> Session | None:
        """The session on screen."""
        return self.current.session if self.current else None

    @property
    def running(self) -> set[str]:
        """The ids of the sessions that work now."""
        return {key for key, bridge in self._bridges.items() if bridge.view.busy}

    @property
    def asking(self) -> set[str]:
        """The ids of the sessions that wait for the person."""
        return {key for key, bridge in self._bridges.items() if bridge.view.asking}

    def holds(self, session: Session) -> bool:
        """Whether a session is on screen or works out of sight."""
        bridge = self._bridges.get(session.id)
        return bridge is not None and bridge.session is session

    async def turn_to(self, session: Session) -> None:
        """Show a session instead of the present one."""
        before = self.current
        if before is not None and before.session is session:
            return
        self.failed.discard(session.id)
        bridge = self._bridges.get(session.id)
        if bridge is None or bridge.session is not session:
            bridge = self._bridges[session.id] = Bridge(session, self._heard)
            self._start(bridge.run)
        self.current = bridge
        left = {before, self.beside} - {None, bridge}
        for each in left:
            if each is not None:
                each.show()
        bridge.show(*self._panels)
        self.beside = self._bridges.get(self._parent_of(session.id))
        if self.beside is not None:
            self.beside.show(self._pane)
        for each in left - {self.beside}:
            if each is not None and not _works(each):
                await self.put_away(each)

    async def put_away(self, bridge: Bridge) -> None:
        """Close a session that is no longer needed."""
        self._bridges.pop(bridge.session.id, None)
        await bridge.session.aclose()

    def _heard(self, bridge: Bridge, events: Sequence[Emitted]) -> None:
        shown = bridge is self.current
        ended = bridge.view.ended
        is_seen = shown or bridge is self.beside
        if not is_seen and ended is not None and not _works(bridge):
            if ended.reason == "error":
                self.failed.add(bridge.session.id)
            self._start(partial(self.put_away, bridge))
        self._on_events(bridge, events, shown)


def _works(bridge: Bridge) -> bool:
    """Whether a turn runs there, or a command or an agent in the background."""
    view = bridge.session.view
    works = any(job.ended is None for job in view.jobs.values())
    raises = any(child.ended is None for child in view.children.values())
    return bridge.session.busy or works or raises
