"""What the keys of the sidebar do to sessions: name, tag, pin, fork, put away and bring back.

Each of them changes the store through the runtime, which is what ``ion sessions`` does, and lists
the sessions again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeAlias

from ion_core.ids import SessionId
from ion_tui import acts
from ion_tui.intents import ShelfWanted
from ion_tui.phrases import one_line
from ion_tui.widgets.tree_rows import SessionItem

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ion_core.agent.session import Session
    from ion_tui.screens.main import MainScreen

Deed: TypeAlias = "Callable[[MainScreen, Sequence[SessionItem]], Awaitable[None]]"


def obey(screen: MainScreen, wish: ShelfWanted) -> None:
    """Grant a wish of the sidebar."""
    match wish.command:
        case "tree.search":
            _search(screen, wish.text)
        case "tree.branches":
            screen.do(_branches(screen, wish.sessions))
        case "tree.rename":
            screen.do(_rename(screen, wish.sessions[0], wish.branch, wish.text))
        case command:
            known = {item.id: item for item in screen.sidebar.sessions.items}
            items = [known[session] for session in wish.sessions if session in known]
            if items and command in DEEDS:
                screen.do(DEEDS[command](screen, items))
            elif items and command in CHANGES:
                screen.do(_in_turn(screen, CHANGES[command](screen, items)))


async def _in_turn(screen: MainScreen, change: Awaitable[None]) -> None:
    """One change after the other, as the keys were pressed."""
    async with screen.ion.library.changing:
        await change


def obey_here(screen: MainScreen, command: str) -> None:
    """Do to the session on screen what a key of the sidebar does."""
    if screen.view is None or not screen.view.entries:
        screen.say("There is nothing in this session yet.", "warning")
        return
    obey(screen, ShelfWanted(command, (screen.session_id,)))


def _search(screen: MainScreen, text: str) -> None:
    """The last question of many wins."""
    everywhere = screen.sidebar.sessions.query_shown.everywhere

    async def find() -> None:
        found = await screen.ion.library.search(text, everywhere=everywhere)
        screen.sidebar.found(text, found)

    async def work() -> None:
        await screen.ion.spoken(find())

    screen.ion.start(work, group="search", exclusive=True)


async def _branches(screen: MainScreen, sessions: Iterable[str]) -> None:
    for session in sessions:
        screen.sidebar.sessions.know(session, await screen.ion.library.branches(session))


async def _rename(screen: MainScreen, session: str, branch: str, name: str) -> None:
    runtime = await screen.ion.runtime()
    if not branch:
        await runtime.rename(SessionId(session), name)
    elif branch != name:
        async with opened(screen, session) as working:
            await working.name_branch(name, old=branch)
    _listed_again(screen, session)


@asynccontextmanager
async def opened(screen: MainScreen, session: str) -> AsyncIterator[Session]:
    """A session to change; it is closed afterwards unless it works or is on screen."""
    runtime = await screen.ion.runtime()
    working = await runtime.open(session)
    try:
        yield working
    finally:
        if not screen.desk.holds(working):
            await working.aclose()


def _listed_again(screen: MainScreen, *sessions: str) -> None:
    for session in sessions:
        screen.ion.refresh_sessions(session)


async def pin(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """Pin them; when all of them are, unpin them."""
    runtime, on = await screen.ion.runtime(), not all(item.pinned for item in items)
    for item in items:
        await runtime.pin(SessionId(item.id), on)
    _listed_again(screen, *(item.id for item in items))


async def archive(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """Archive them; when all of them are, take them out again."""
    runtime, on = await screen.ion.runtime(), not all(item.shelf for item in items)
    for item in items:
        if item.shelf != "trash":
            await runtime.archive(SessionId(item.id), on)
    _listed_again(screen, *(item.id for item in items))
    key = screen.keymap.hint("tree.archive", "sidebar")
    if on:
        screen.say(f"Archived {_named(items)}. {key} on it at the end of the list undoes it.")
    else:
        screen.say(f"Took {_named(items)} out of the archive.")


async def delete(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """Put them into the trash; when one is on screen, a new session takes its place."""
    items = [item for item in items if item.shelf != "trash"]
    if not items:
        screen.say("It is in the trash already, and goes for good after 30 days.")
        return
    if any(item.id == screen.session_id for item in items):
        stays = screen.sidebar.has_focus_within
        await acts.show_session(screen, "")
        if stays:
            screen.regions.open_sidebar()
    runtime = await screen.ion.runtime()
    for item in items:
        await runtime.delete(SessionId(item.id))
    screen.ion.library.deleted.append(tuple(items))
    _listed_again(screen, *(item.id for item in items))
    key = screen.keymap.hint("tree.restore", "sidebar")
    screen.say(f"Deleted {_named(items)}. {key} in the sessions brings it back.")


async def undelete(screen: MainScreen) -> None:
    """Bring back what was deleted last."""
    async with screen.ion.library.changing:
        if screen.ion.library.deleted:
            await restore(screen, screen.ion.library.deleted.pop())
            return
        screen.say("Nothing was deleted since ion started. Trash in the sessions has the rest.")


async def delete_current(screen: MainScreen) -> None:
    """Delete the session on screen."""
    items = [item for item in screen.sidebar.sessions.items if item.id == screen.session_id]
    if items:
        await _in_turn(screen, delete(screen, items))
    else:
        screen.say("There is nothing to delete yet.", "warning")


async def restore(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """Bring them back out of the trash and the archive."""
    runtime = await screen.ion.runtime()
    for item in items:
        await runtime.restore(SessionId(item.id))
        if item.shelf == "archived":
            await runtime.archive(SessionId(item.id), False)
    _listed_again(screen, *(item.id for item in items))
    screen.say(f"Brought {_named(items)} back.")


async def open_away(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """What is in the trash is not opened by mistake."""
    key = screen.keymap.hint("tree.restore", "sidebar")
    screen.say(f"It is in the trash. {key} brings it back.", "warning")


async def fork(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """Go on from where a session is now in one of its own, and show that."""
    runtime = await screen.ion.runtime()
    info = await runtime.store.info(SessionId(items[0].id))
    if info.head is None:
        screen.say("There is nothing in it to fork yet.", "warning")
        return
    forked = await runtime.fork(info.id, info.head)
    screen.ion.refresh_sessions(forked.id)
    await acts.turn_to(screen, forked)
    screen.say(f"This is a fork of {_named(items)}, which stays as it is.")


async def copy_id(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """The command that resumes it, on the clipboard."""
    acts.copy(screen, f"ion -r {items[0].id}")


async def tag(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """A list of tags, to give and to take."""
    from ion_tui import tags  # start-up: few open it

    await tags.pick_tags(screen, items)


async def details(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """Everything that is known of a session."""
    from ion_tui import details as sheet  # start-up: as above

    await sheet.show(screen, items[0].id)


async def export(screen: MainScreen, items: Sequence[SessionItem]) -> None:
    """A session as a file."""
    from ion_tui import carrying  # start-up: as above

    await carrying.pick_format(screen, items[0].id)


def _named(items: Sequence[SessionItem]) -> str:
    if len(items) > 1:
        return f"{len(items)} sessions"
    return f"“{one_line(items[0].title)}”" if items[0].title else "the session"


CHANGES: dict[str, Deed] = {
    "tree.pin": pin,
    "tree.archive": archive,
    "tree.delete": delete,
    "tree.restore": restore,
}
DEEDS: dict[str, Deed] = {
    "tree.open": open_away,
    "tree.tag": tag,
    "tree.details": details,
    "tree.fork": fork,
    "tree.export": export,
    "tree.copy": copy_id,
}
"""What is done to the sessions under the cursor or marked, by the command of its key; changes that
ask nobody anything are made one after the other."""
