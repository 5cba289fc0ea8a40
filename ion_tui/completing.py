"""What the prompt offers while it is written: commands behind ``/``, files behind ``@``.

Built-in commands are there at once; those of the folder, its skills and its files are found out
beside the screen, with the first prompt that begins to ask for them, and again when that was a
while ago. No key waits for any of it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ion_tui.commands import BY_SLASH
from ion_tui.fuzzy import matching, score
from ion_tui.mentioning import mention_begun
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.slash import Offer
    from ion_tui.app import IonApp
    from ion_tui.desk import Desk

STALE_S: Final = 10.0
"""Seconds after which files and commands are looked for again."""
SHOWN: Final = 50
RANKED: Final = 400
"""Files that are put into an order; among more, those that come first by their path."""
SCATTERED: Final = 5_000
"""Files among which letters that do not stand together are looked for."""


class Completing:
    """Of the session on ``desk``; ``again`` is called when more is known than was offered."""

    def __init__(self, ion: IonApp, desk: Desk, again: Callable[[], None]) -> None:
        self._ion, self._desk, self._again = ion, desk, again
        self._clock = ion.clock
        self.offers: list[Offer] = []
        self._files: list[str] = []
        self._lower: list[str] = []
        self._offered_at = self._listed_at = float("-inf")

    def choices(self, text: str, head: str) -> list[Choice]:
        """What a text could become whose cursor stands behind ``head``."""
        if text.startswith("/") and not any(blank in text for blank in " \n"):
            return self._commands(text[1:])
        if (begun := mention_begun(head)) is not None:
            return self._mentioned(begun)
        return []

    def knows(self, name: str) -> bool:
        """Whether a name behind ``/`` is one of the folder's."""
        return any(offer.name == name for offer in self.offers)

    async def look(self) -> None:
        """Find out what the folder offers behind ``/``."""
        self._offered_at = self._clock()
        runtime = await self._ion.runtime()
        before, self.offers = self.offers, await runtime.offers(self._desk.session)
        if before != self.offers:
            self._again()

    async def list_files(self) -> None:
        """Find out which files there are."""
        self._listed_at = self._clock()
        runtime = await self._ion.runtime()
        before, self._files = self._files, await runtime.files(self._desk.session)
        if before != self._files:
            self._lower = [path.lower() for path in self._files]
            self._again()

    def rows(self) -> list[Choice]:
        """The folder's own commands, for the palette."""
        return [
            Choice(
                value=f"/{offer.name} ",
                name=one_line(offer.about) or offer.name,
                detail=f"/{offer.name}",
                right=offer.what,
            )
            for offer in self.offers
            if offer.name not in BY_SLASH
        ]

    def _commands(self, begun: str) -> list[Choice]:
        if self._clock() - self._offered_at > STALE_S:
            self._offered_at = self._clock()
            self._ion.start(self.look, group="completing")
        if begun in BY_SLASH or self.knows(begun):
            return []
        rows = [
            Choice(value=command.id, name=f"/{name}", detail=command.title)
            for name, command in sorted(BY_SLASH.items())
        ]
        rows += [
            Choice(value=offer.name, name=f"/{offer.name}", detail=one_line(offer.about))
            for offer in self.offers
            if offer.name not in BY_SLASH
        ]
        return [row for row in matching(rows, begun) if begun in row.name]

    def _mentioned(self, begun: str) -> list[Choice]:
        if self._clock() - self._listed_at > STALE_S:
            self._listed_at = self._clock()
            self._ion.start(self.list_files, group="completing")
        return [Choice(value=f"@{path}", name=path) for path in self._best(begun.lower())]

    def _best(self, begun: str) -> list[str]:
        """The files that fit what was begun, the best first."""
        pairs = zip(self._lower, self._files, strict=True)
        if not begun:
            return self._files[:SHOWN]
        found = [pair for pair in pairs if begun in pair[0]][:RANKED]
        if len(found) < SHOWN and len(self._files) <= SCATTERED:
            found = list(zip(self._lower, self._files, strict=True))
        scored = ((_worth(lower, begun), path) for lower, path in found)
        ranked = sorted((pair for pair in scored if pair[0] is not None), key=_order)
        return [path for _, path in ranked[:SHOWN] if path.lower() != begun]


def _worth(path: str, begun: str) -> int | None:
    """How well a path fits: what stands in its last part counts most."""
    whole = score(path, begun)
    if whole is None:
        return None
    name = path.rstrip("/").rpartition("/")[2]
    return whole + (score(name, begun) or 0) - len(path)


def _order(pair: tuple[int | None, str]) -> tuple[int, str]:
    return (-(pair[0] or 0), pair[1])
