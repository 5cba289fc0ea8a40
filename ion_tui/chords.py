"""From key presses to commands, with the leader in between.

Every widget that takes keys asks the one :class:`Chords` of its screen from its own message queue.
So a burst of keys keeps its order, and the key after the leader is never typed into the prompt.
"""

from __future__ import annotations

from collections.abc import Callable

from ion_core.ids import Clock
from ion_tui.keymap import Keymap
from ion_tui.keys import LEADER

LEADER_LIMIT_S = 1.5
"""After this long the leader is forgotten (`tui.md` §3.5)."""
SWALLOWED = ""


class Chords:
    """Knows whether the leader was pressed. ``on_leader`` is told when it is, and when no more."""

    def __init__(self, clock: Clock) -> None:
        self.keymap = Keymap()
        self._clock = clock
        self.on_leader: Callable[[bool], None] = lambda leading: None
        self._since: float | None = None

    @property
    def leading(self) -> bool:
        """Whether the next key is looked up among the leader's."""
        return self._since is not None and self._clock() - self._since < LEADER_LIMIT_S

    def hint(self, command: str) -> str:
        """The key of a command as it is bound now."""
        return self.keymap.hint(command)

    def press(self, context: str, key: str) -> str | None:
        """The command of a key; ``SWALLOWED`` when the key is used up; None when it has none."""
        if self.leading:
            self.forget()
            return self.keymap.command(LEADER, key) or SWALLOWED
        command = self.keymap.command(context, key)
        if command != "ui.leader":
            return command
        self._since = self._clock()
        self.on_leader(True)
        return SWALLOWED

    def forget(self) -> None:
        """The leader was not meant, or is used up."""
        if self._since is not None:
            self._since = None
            self.on_leader(False)
