"""The door to whatever starts agents. For annotations alone: nothing of it is made here."""

from __future__ import annotations

from typing import Protocol

from ion_core.ids import CallId
from ion_core.tools.base import Outcome
from ion_core.tools.task import ControlArgs, TaskArgs


class Spawner(Protocol):
    """Starts agents for one session. What goes wrong is an outcome with status ``error``."""

    async def run(self, call: CallId, args: TaskArgs) -> Outcome:
        """Start one, and wait for what it says unless it works in the background."""
        ...

    async def control(self, args: ControlArgs) -> Outcome:
        """Look at one, say something to it, or stop it."""
        ...
