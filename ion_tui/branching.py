"""Commands for the tree of a session: go on from any message, fork, label, name branches.

What they do to files is nothing; what was left keeps its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ion_core.ids import EntryId
from ion_core.messages import Message
from ion_core.tree_walk import settled
from ion_core.trees import Node, SessionTree
from ion_tui.command import Command

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_tui.screens.main import MainScreen

BUSY = "A turn is running. Stop it first (Esc), then go on from elsewhere."
NOTHING = "There is nothing in this session yet."


async def show(screen: MainScreen) -> None:
    """The tree, until something was done with one of its entries."""
    from ion_tui import choosing
    from ion_tui.tree_sheet import TreeSheet

    session = screen.desk.session
    if session is None or not session.view.entries:
        screen.say(NOTHING, "warning")
        return
    tree = await session.tree()
    sheet = TreeSheet(tree, keys=lambda command: screen.keymap.hint(command, "branches"))
    choice = await choosing.pick(screen, sheet, chosen=lambda row: row.value == sheet.head)
    if choice is None:
        return
    entry = EntryId(choice.value)
    if sheet.deed == "label":
        await _label(screen, session, tree, entry)
        await show(screen)
    elif sheet.deed == "fork":
        await _fork(screen, session, await _place(screen, session, tree, entry))
    else:
        await _go(screen, session, tree, entry, summary=sheet.deed == "summary")


async def _go(
    screen: MainScreen,
    session: Session,
    tree: SessionTree,
    entry: EntryId,
    *,
    summary: bool,
) -> None:
    from ion_tui import leaving  # it sums up: nobody needs that before

    if session.busy:
        screen.say(BUSY, "warning")
    elif not summary:
        await session.move_to(await _place(screen, session, tree, entry))
        screen.regions.to_prompt()
    elif await leaving.leave(screen, session, _before(tree, entry)):
        await _place(screen, session, tree, entry)
        screen.regions.to_prompt()


async def _place(
    screen: MainScreen, session: Session, tree: SessionTree, entry: EntryId
) -> EntryId | None:
    """Where to go on. A message of the person's comes back to the prompt, and is said anew."""
    if _node(tree, entry).role == "user":
        runtime = await screen.ion.runtime()
        [said] = await runtime.store.path(session.id, head=entry, limit=1)
        if isinstance(said.body, Message):
            screen.composer.prompt.give_back(said.body.text)
    return _before(tree, entry)


def _before(tree: SessionTree, entry: EntryId) -> EntryId | None:
    """The entry that is followed when one goes on from ``entry``."""
    chosen = _node(tree, entry)
    return chosen.parent if chosen.role == "user" else settled(tree, entry)


def _node(tree: SessionTree, entry: EntryId) -> Node:
    return next(node for node in tree.nodes if node.id == entry)


async def _label(screen: MainScreen, session: Session, tree: SessionTree, entry: EntryId) -> None:
    from ion_tui import choosing
    from ion_tui.offer import Fixed
    from ion_tui.phrases import one_line
    from ion_tui.widgets.listbox import Choice

    chosen = _node(tree, entry)
    known = [Choice(value=label, name=one_line(label)) for label in chosen.labels]
    note = "Choose one to take it away." if known else ""
    offer = Fixed("Labels of this message", known, note)
    choice = await choosing.pick(screen, offer, placeholder="A new label", free=True)
    if choice is not None:
        word = str(choice.value)
        await session.label(entry, word, on=word not in chosen.labels)


async def fork(screen: MainScreen, title: str) -> None:
    """Go on from here in a session of its own."""
    session = screen.desk.session
    if session is None or session.view.head is None:
        screen.say(NOTHING, "warning")
    else:
        await _fork(screen, session, session.view.head, title)


async def _fork(screen: MainScreen, session: Session, at: EntryId | None, title: str = "") -> None:
    from ion_tui import acts

    runtime, text = await screen.ion.runtime(), screen.composer.prompt.text
    if at is None:
        forked = await runtime.open()
    else:
        forked = await runtime.fork(session.id, at, title)
        forked.hooking.source = "fork"
        screen.ion.refresh_sessions(forked.id)
    screen.composer.prompt.put("")
    await acts.turn_to(screen, forked)
    screen.composer.prompt.put(text)
    screen.say("This is a fork. The session that it came from stays as it is.")


async def branch(screen: MainScreen, name: str) -> None:
    """Name the branch that is on screen, or without a name go to another one."""
    from ion_tui import choosing
    from ion_tui.offer import Fixed
    from ion_tui.phrases import one_line
    from ion_tui.widgets.listbox import Choice

    session = screen.desk.session
    if session is None or not session.view.entries:
        screen.say(NOTHING, "warning")
    elif name:
        await session.name_branch(name)
        screen.ion.refresh_sessions(session.id)
        screen.say(f"This branch is {one_line(name)} now.")
    elif session.busy:
        screen.say(BUSY, "warning")
    else:
        rows = [
            Choice(value=known.name, name=one_line(known.name), mark="●" if known.active else "")
            for known in (await session.tree()).branches
        ]
        offer = Fixed("Branches of this session", rows, "/branch NAME names the one on screen.")
        if (choice := await choosing.pick(screen, offer)) is not None:
            await session.switch(str(choice.value))


BRANCHING: tuple[Command, ...] = (
    Command(
        id="session.tree",
        title="Go on from any message: the tree of this session",
        slash=("tree",),
        run=lambda screen, _: show(screen),
    ),
    Command(
        id="session.fork",
        title="Fork this session: go on in a new one",
        slash=("fork",),
        takes="title",
        run=fork,
    ),
    Command(
        id="session.branch",
        title="Name this branch, or go to another",
        slash=("branch",),
        takes="name",
        run=branch,
    ),
)
