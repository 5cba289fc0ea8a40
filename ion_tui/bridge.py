"""From the bus of one session to the panels that show it.

One bridge is one task. It drains its subscription at most thirty times a second, folds the events
into its own view and calls the panels; nothing runs while nothing happens. When it was too slow it
subscribes again and resets the panels.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ion_core.bus import Lagged, Subscription
from ion_core.events import Emitted
from ion_tui.panel import Panel

if TYPE_CHECKING:
    from ion_core.agent.session import Session

FRAME_S = 1 / 30


class Bridge:
    """Shows one session on any number of panels, or on none while it works in the background.

    ``on_events`` hears every batch, shown or not.
    """

    def __init__(
        self,
        session: Session,
        on_events: Callable[[Bridge, Sequence[Emitted]], None] = lambda bridge, events: None,
    ) -> None:
        self.session, self._on_events = session, on_events
        self.view = session.view.snapshot()
        self._panels: tuple[Panel, ...] = ()

    def show(self, *panels: Panel) -> None:
        """From now on these panels, and no others; they are reset at once."""
        self._panels = panels
        for panel in panels:
            panel.reset(self.view)

    async def run(self) -> None:
        """Work until the session is closed."""
        while True:
            self.view, subscription = self.session.subscribe()
            self.show(*self._panels)
            self._on_events(self, ())
            try:
                await self._drain(subscription)
            except Lagged:
                continue
            finally:
                subscription.close()
            return

    async def _drain(self, subscription: Subscription) -> None:
        while events := await subscription.batch():
            for emitted in events:
                self.view.apply(emitted)
            for panel in self._panels:
                panel.update(self.view, events)
            self._on_events(self, events)
            await asyncio.sleep(FRAME_S)
