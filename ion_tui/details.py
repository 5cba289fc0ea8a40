"""Everything that is known of a session, on one sheet: what can be changed is changed from there,
and anything else is copied.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ion_core.ids import SessionId
from ion_tui import acts, choosing
from ion_tui.figures import money, tokens
from ion_tui.offer import Fixed
from ion_tui.phrases import one_line
from ion_tui.tags import pick_tags
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ion_core.sessions.base import SessionInfo
    from ion_tui.screens.main import MainScreen

CHANGED = ("Title", "Description", "Tags")
CAME = {
    "fork": "forked from",
    "handoff": "handed over from",
    "subagent": "an agent of",
    "import": "imported",
}


class Clearable(Fixed):
    """What is typed; with nothing typed, a row that takes away what was there."""

    def __init__(self, name: str) -> None:
        super().__init__(name, (Choice(value="", name=f"No {name.lower()}"),))

    def rows(self, text: str) -> Sequence[Choice]:
        """One row, or none that would be chosen instead of the words."""
        return () if text.strip() else super().rows("")


async def show(screen: MainScreen, session: str) -> None:
    """Show the sheet until it is closed or a row of it is chosen."""
    runtime = await screen.ion.runtime()
    info = await runtime.store.info(SessionId(session))
    branches = await screen.ion.library.branches(info.id)
    origin = await _origin(screen, info)
    rows = [
        Choice(value=(name, text), name=name, detail=one_line(text) or "none yet")
        for name, text in (
            ("Title", info.title or info.preview),
            ("Description", info.description),
            ("Tags", " ".join(f"#{tag}" for tag in info.tags)),
            ("Branches", ", ".join(each.name for each in branches)),
            ("Came from", origin),
            ("Folder", info.cwd),
            ("Model", info.model),
            ("Messages", f"{info.turns} of yours, {info.entries} entries altogether"),
            ("Tokens", f"{tokens(info.usage.prompt)} in, {tokens(info.usage.output)} out"),
            ("Cost", _cost(info)),
            ("Begun", _moment(info.created_at)),
            ("Last message", _moment(info.updated_at)),
            ("Session", info.id),
        )
        if text or name in CHANGED
    ]
    title = one_line(info.title or info.preview) or "New session"
    offer = Fixed(title, rows)
    choice = await choosing.pick(
        screen, offer, placeholder="Enter changes title, description and tags, and copies the rest"
    )
    if choice is not None:
        await _follow(screen, info, *choice.value)


async def _follow(screen: MainScreen, info: SessionInfo, name: str, text: str) -> None:
    runtime = await screen.ion.runtime()
    if name == "Tags":
        listed = screen.sidebar.sessions.items
        await pick_tags(screen, [item for item in listed if item.id == info.id])
    elif name not in CHANGED:
        acts.copy(screen, text)
    elif (said := await _typed(screen, name, text)) is not None:
        if name == "Title":
            await runtime.rename(info.id, said)
        else:
            await runtime.describe(info.id, said)
        screen.ion.refresh_sessions(info.id)
        await show(screen, info.id)


async def _typed(screen: MainScreen, name: str, text: str) -> str | None:
    offer = Clearable(name) if name == "Description" and text else Fixed(name, ())
    choice = await choosing.pick(
        screen, offer, placeholder=f"New {name.lower()}", text=text, free=True
    )
    return None if choice is None else str(choice.value)


async def _origin(screen: MainScreen, info: SessionInfo) -> str:
    if info.parent is None:
        return CAME.get(info.kind, "")
    known = {item.id: item.title for item in screen.sidebar.sessions.items}
    name = known.get(info.parent) or info.parent
    at = f", at {info.parent_entry}" if info.parent_entry else ""
    return f"{CAME.get(info.kind, 'from')} {one_line(name)}{at}"


def _cost(info: SessionInfo) -> str:
    if not info.cost_known:
        return f"more than {money(info.cost_nano)}" if info.cost_nano else "unknown"
    return money(info.cost_nano)


def _moment(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
