"""The tools of servers that somebody may use, of all that there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ion_core.tools.guest import Guest, Guests


class GuestsAllowed:
    """``Guests``: those of ``guests`` whose name ``may`` be used."""

    def __init__(self, guests: Guests, may: Callable[[str], bool]) -> None:
        self._guests, self._may = guests, may

    @property
    def configured(self) -> bool:
        """See ``Guests``."""
        return self._guests.configured

    def known(self) -> Mapping[str, Guest]:
        """See ``Guests``."""
        return {name: one for name, one in self._guests.known().items() if self._may(name)}

    def eager(self, window: int) -> Sequence[Guest]:
        """See ``Guests``."""
        return [guest for guest in self._guests.eager(window) if self._may(guest.name)]

    async def settled(self, seconds: float, server: str = "") -> tuple[str, ...]:
        """See ``Guests``."""
        return await self._guests.settled(seconds, server)

    def absent(self, name: str) -> str:
        """See ``Guests``."""
        return self._guests.absent(name)
