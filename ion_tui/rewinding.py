"""Commands that go back to before an earlier message, files too, and forward again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ion_core.ids import EntryId
from ion_core.messages import Message
from ion_core.rewinding import FileChange, Rewound, Scope
from ion_tui.command import Command

if TYPE_CHECKING:
    from collections.abc import Callable

    from ion_core.agent.session import Session
    from ion_core.entries import Entry
    from ion_tui.screens.main import MainScreen

NOTHING = "You have said nothing here that could be gone back to."


async def rewind(screen: MainScreen) -> None:
    """Choose a message, look at what would change, and go back to before it."""
    from ion_tui import foresight  # start-up: here and below, with the first going back
    from ion_tui.figures import age
    from ion_tui.phrases import one_line
    from ion_tui.rewind_sheet import Points
    from ion_tui.widgets.listbox import Choice

    session = screen.desk.session
    said = _said(session)
    if session is None or not said:
        screen.say(NOTHING, "warning")
        return
    rows = [
        Choice(value=entry.id, name=one_line(text), right=age(time.time() - entry.at))
        for entry, text in said
    ]
    offer, tell = Points(rows, _keys(screen)), foresight.Foresight(session).of_message
    choice = await foresight.pick(screen, session, offer, tell, lambda row: row is rows[-1])
    if choice is not None:
        await _look(screen, session, EntryId(choice.value))


async def undo(screen: MainScreen) -> None:
    """Take the last message back, and what came of it, without a question."""
    session = screen.desk.session
    said = _said(session)
    if session is None or not said:
        screen.say(NOTHING, "warning")
    else:
        await _go(screen, session, said[-1][0].id, "both", set())


async def redo(screen: MainScreen) -> None:
    """Take the last going back back."""
    if (session := screen.desk.session) is not None:
        _tell(screen, await session.redo(), "There again")


async def _look(screen: MainScreen, session: Session, entry: EntryId) -> None:
    from ion_tui import foresight
    from ion_tui.rewind_sheet import One, RewindSheet

    preview = await session.preview_rewind(entry)
    sheet = RewindSheet(preview, str(session.cwd), _keys(screen))
    tell = foresight.of_ways(preview, sheet.overwrite)
    while (choice := await foresight.pick(screen, session, sheet, tell)) is not None:
        if not isinstance(choice.value, FileChange):
            await _go(screen, session, entry, choice.value, sheet.overwrite)
            return
        await foresight.pick(screen, session, One(choice, _keys(screen)), tell)


def _keys(screen: MainScreen) -> Callable[[str], str]:
    return lambda command: screen.keymap.hint(command, "rewind")


async def _go(
    screen: MainScreen, session: Session, entry: EntryId, scope: Scope, overwrite: set[str]
) -> None:
    done = await session.rewind(entry, scope, sorted(overwrite))
    if scope != "files":
        screen.composer.prompt.give_back(done.prompt)
    screen.regions.to_prompt()
    _tell(screen, done, "Gone back")


def _tell(screen: MainScreen, done: Rewound, what: str) -> None:
    restored = len(done.restored)
    files = f", {restored} file{'s' * (restored != 1)} restored" if restored else ""
    kept = f" Left as they are: {'; '.join(done.kept)}." if done.kept else ""
    more = " /redo takes it back." if what == "Gone back" else ""
    screen.say(f"{what}{files}.{kept}{more}", "warning" if done.kept else "information")


def _said(session: Session | None) -> list[tuple[Entry, str]]:
    """The messages of the person on this path, the latest last."""
    return [
        (entry, entry.body.text)
        for entry in (session.view.entries if session is not None else ())
        if isinstance(entry.body, Message) and entry.body.role == "user"
    ]


REWINDING: tuple[Command, ...] = (
    Command(
        id="session.rewind",
        title="Go back to before a message, files too",
        slash=("rewind",),
        run=lambda screen, _: rewind(screen),
    ),
    Command(
        id="session.undo",
        title="Take your last message back, and what came of it",
        slash=("undo",),
        run=lambda screen, _: undo(screen),
    ),
    Command(
        id="session.redo",
        title="Take the last going back back",
        slash=("redo",),
        run=lambda screen, _: redo(screen),
    ),
)
