"""What the app makes of what happens in its sessions, shown or not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.events import (
    Event,
    MouseEvent,
    MouseScrollDown,
    MouseScrollLeft,
    MouseScrollRight,
    MouseScrollUp,
)

from ion_core.events import Emitted, TurnEnded
from ion_tui import agents
from ion_tui.bell import Bell
from ion_tui.bridge import Bridge

if TYPE_CHECKING:
    from ion_tui.app import IonApp

WHEEL = (MouseScrollUp, MouseScrollDown, MouseScrollLeft, MouseScrollRight)


class Hearing:
    """Of ``app``. ``bell`` tells people who look elsewhere."""

    def __init__(self, app: IonApp) -> None:
        self._app = app
        self.bell = Bell(app.send)

    def ignores(self, event: Event) -> bool:
        """Whether an event is of the mouse, and people want nothing of it but the wheel."""
        settings = self._app.settings
        only_wheel = settings is not None and settings.tui.mouse == "wheel"
        return only_wheel and isinstance(event, MouseEvent) and not isinstance(event, WHEEL)

    def heard(self, bridge: Bridge, events: Sequence[Emitted]) -> None:
        """Something happened in a session: list them again when that shows."""
        app, session = self._app, bridge.session.id
        for changed in app.changed(session, events):
            app.refresh_sessions(changed)
        if app.settings is not None and app.settings.agents.autosplit:
            agents.follow(app.main, session, events)
        if not app.main.nest.parent_of(session):
            self.bell.hear(session, events)
        if any(isinstance(emitted.event, TurnEnded) for emitted in events):
            app.main.status.branch = app.branch
