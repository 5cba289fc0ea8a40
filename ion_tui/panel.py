"""The door of everything that shows a session.

A panel is filled by :meth:`reset` and kept up to date by :meth:`update`. It asks for nothing and
knows neither the session nor the bridge that calls it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ion_core.events import Emitted
from ion_core.view import SessionView


class Panel(Protocol):
    """What a bridge calls. ``view`` already contains ``events``; a panel never changes it."""

    def reset(self, view: SessionView) -> None:
        """Show this state and forget any other."""
        ...

    def update(self, view: SessionView, events: Sequence[Emitted]) -> None:
        """Show what ``events`` changed since the last call."""
        ...
