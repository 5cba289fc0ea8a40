"""The threshold of a folder: what is asked before anything in it is opened.

Where the person decided before, nobody is asked. Else they see the names of what would load, and
choose: look only, trust, or leave. Looking only is what Enter and Esc do.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from ion_core.config.trust import Standing, may_cover, standing, trust
from ion_tui.phrases import one_line
from ion_tui.place import folder_name
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen

SHOWN = 8
"""Names and changes that are listed; of more, how many."""


class Threshold:
    """Of ``folder``; ``home`` is ion's own. ``trusted`` is None until it is decided."""

    def __init__(self, folder: Path, home: Path, *, once: bool = False) -> None:
        self._folder, self._home = folder, home
        self.trusted: bool | None = True if once else None

    async def cross(self, screen: MainScreen) -> bool:
        """Find out, asking where it must be asked; whether the person stays."""
        if self.trusted is not None:
            return True
        found = await asyncio.to_thread(standing, self._folder, self._home)
        if found.trusted:
            self.trusted = True
            return True
        wish = await self._asked(screen, found)
        if wish in ("trust", "below"):
            place = self._folder if wish == "trust" else self._folder.parent
            await asyncio.to_thread(trust, place, self._home, below=wish == "below")
        self.trusted = wish in ("trust", "below")
        return wish != "leave"

    async def _asked(self, screen: MainScreen, found: Standing) -> str:
        from ion_tui.choosing import pick  # start-up: once a folder
        from ion_tui.offer import Fixed

        name = folder_name(self._folder, Path.home())
        changed = bool(found.changes)
        title = f"{name} changed. Trust it?" if changed else f"Do you trust {name}?"
        offer = Fixed(one_line(title), self._ways(), note=_told(found))
        choice = await pick(screen, offer, placeholder="Arrows and Enter choose")
        return "read" if choice is None else str(choice.value)

    def _ways(self) -> list[Choice]:
        ways = [
            Choice(value="read", name="Look only", detail="READ mode; nothing of it is obeyed"),
            Choice(value="trust", name="Trust this folder", detail="remembered; WRITE mode works"),
            Choice(value="leave", name="Leave ion", detail=""),
        ]
        parent = self._folder.parent
        if may_cover(parent):
            above = one_line(folder_name(parent, Path.home()))
            below = Choice(
                value="below", name=f"Trust all of {above}", detail="and whatever lies below it"
            )
            ways.insert(2, below)
        return ways


def _told(found: Standing) -> str:
    """Why it matters, and the names of what would load."""
    if found.changes:
        head = "What it would execute is not what it was when you trusted it:"
        return "\n".join([head, *_listed([f"  {line}" for line in found.changes])])
    lines = [
        "ion runs commands in a folder that you trust, and obeys what it holds. Trust it only if "
        "you know where it comes from."
    ]
    if found.damage:
        lines.append(one_line(found.damage))
    if found.names:
        lines.append("It holds: " + ", ".join(_listed(list(found.names))))
    else:
        lines.append("It holds nothing that ion would obey.")
    return "\n".join(lines)


def _listed(lines: list[str]) -> list[str]:
    shown = [("  " if line.startswith(" ") else "") + one_line(line) for line in lines[:SHOWN]]
    more = len(lines) - len(shown)
    return [*shown, f"… and {more} more"] if more else shown
