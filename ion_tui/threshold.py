"""The threshold of a folder: what is asked before anything in it is opened.

Where the person decided before, nobody is asked. Else they see the names of what would load, and
choose: look only, trust, or leave. Looking only is what Enter and Esc do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ion_core.config.trust import Standing, arrive, kind_of, may_cover, trust
from ion_tui.phrases import one_line
from ion_tui.place import folder_name
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen

ROWS, EDGE = 9, 8
"""Rows of the question besides what is told, and cells of its rows that are no text."""


class Threshold:
    """Of ``folder``; ``home`` is ion's own. ``trusted`` is None until it is decided."""

    def __init__(self, folder: Path, home: Path, *, once: bool = False) -> None:
        self._folder, self._home = folder, home
        self.trusted: bool | None = True if once else None

    async def cross(self, screen: MainScreen) -> bool:
        """Find out, asking where it must be asked; whether the person stays."""
        if self.trusted is not None:
            return True
        found = await asyncio.to_thread(arrive, self._folder, self._home)
        if found.trusted:
            self.trusted = True
            return True
        wish = await self._asked(screen, found)
        if wish in ("trust", "below"):
            place = self._folder if wish == "trust" else self._folder.parent
            try:
                await asyncio.to_thread(trust, place, self._home, below=wish == "below")
            except OSError as error:  # it holds for now
                why = f"{self._home}: {error.strerror}"
                screen.say(f"Trusted until ion ends; it could not be remembered ({why}).")
        self.trusted = wish in ("trust", "below")
        return wish != "leave"

    async def _asked(self, screen: MainScreen, found: Standing) -> str:
        from ion_tui.choosing import pick  # start-up: once a folder
        from ion_tui.offer import Fixed

        room = screen.regions.chat()
        name = folder_name(self._folder, Path.home())
        told = _told(name, found, max(20, room.width - EDGE))
        most = max(2, room.bottom - ROWS)
        seen = len(told) <= most
        title = f"{'It changed: do' if found.changes else 'Do'} you trust this folder?"
        while True:
            note = "\n".join(told if len(told) <= most else [*told[: most - 1], "…"])
            offer = Fixed(title, self._ways(seen), note=note)
            choice = await pick(screen, offer, placeholder="Arrows and Enter choose")
            if choice is None or choice.value != "see":
                return "read" if choice is None else str(choice.value)
            rows = [Choice(value=line, name=line) for line in told]
            await pick(screen, Fixed("Esc goes back", rows), placeholder="Type to filter")
            seen = True

    def _ways(self, seen: bool) -> list[Choice]:
        """What can be chosen; what was not ``seen`` whole cannot be trusted."""
        look = Choice(value="read", name="Look only", detail="READ mode; nothing of it is obeyed")
        leave = Choice(value="leave", name="Leave ion", detail="")
        if not seen:
            see = Choice(value="see", name="See all of it", detail="then trust it, or do not")
            return [look, see, leave]
        here = "remembered; WRITE mode works"
        ways = [look, Choice(value="trust", name="Trust this folder", detail=here)]
        parent = self._folder.parent
        if may_cover(parent):
            above = one_line(folder_name(parent, Path.home()))
            there = "and whatever lies below it"
            ways.append(Choice(value="below", name=f"Trust all of {above}", detail=there))
        return [*ways, leave]


def _told(name: str, found: Standing, width: int) -> list[str]:
    """Why it matters and what would load, in lines that fit into ``width`` cells."""
    if found.changes:
        said = [
            name,
            "What it would execute is not what it was when you trusted it:",
            *found.changes,
        ]
    else:
        said = [
            name,
            "ion runs commands in a folder that you trust, and obeys what it holds. Trust it only "
            "if you know where it comes from.",
            *([found.damage] if found.damage else ()),
            *(_by_kind(found.names) or ["It holds nothing that ion would obey."]),
        ]
    return [line for text in said for line in _wrapped(one_line(text), width)]


def _by_kind(names: Sequence[str]) -> list[str]:
    """The names, by what they can do."""
    return [
        f"{kind}: {', '.join(name for name in names if kind_of(name) == kind)}"
        for kind in dict.fromkeys(map(kind_of, names))
    ]


def _wrapped(text: str, width: int) -> list[str]:
    from rich.style import Style  # start-up: once a folder, as what follows

    from ion_tui.render.cells import wrap

    return ["".join(piece for piece, _ in cut.spans) for cut in wrap([(text, Style())], width)]
