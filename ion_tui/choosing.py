"""What the commands that offer a list do: help, palette, sessions, modes, themes.

Each shows the one picker, waits, and asks the main screen for what was chosen. With an argument
behind the slash command nothing is shown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, get_args

from ion_core.entries import Mode
from ion_core.errors import IonError
from ion_tui import acts
from ion_tui.figures import age
from ion_tui.offer import Fixed, Offer
from ion_tui.phrases import one_line
from ion_tui.titles import CONTEXTS, TITLES
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen
    from ion_tui.widgets.difference import Difference

MODE_WORDS: dict[str, str] = {
    "write": "reads, writes and runs commands",
    "plan": "reads, and writes one plan",
    "read": "reads only; changes are refused with a sentence",
}


async def pick(
    screen: MainScreen,
    offer: Offer,
    *,
    chosen: Callable[[Choice], bool] | None = None,
    moved: Callable[[Choice], None] | None = None,
    placeholder: str = "Type to filter",
    text: str = "",
    free: bool = False,
    pane: Difference | None = None,
) -> Choice | None:
    """Show a list over the prompt; what was chosen, or None."""
    from ion_tui.screens.picker import Picker  # start-up: the first list pays for it

    picker = Picker(
        offer,
        keymap=screen.keymap,
        place=screen.regions.chat,
        chosen=chosen,
        moved=moved,
        placeholder=placeholder,
        text=text,
        free=free,
        pane=pane,
    )
    return await screen.app.push_screen_wait(picker)


def title(screen: MainScreen, command: str) -> str:
    """What a command does, in words."""
    known = screen.commands.get(command)
    return known.title if known else TITLES.get(command, command)


def rows_of(screen: MainScreen) -> list[Choice]:
    """Commands as rows: title, key, and what is behind ``/``."""
    return [
        Choice(
            value=command.id,
            name=command.title,
            detail=f"/{command.slash[0]}" if command.slash else "",
            right=screen.keymap.hint(command.id),
        )
        for command in screen.commands.values()
        if not command.hidden
    ]


async def show_palette(screen: MainScreen) -> None:
    """Every command, to be found by its title."""
    await screen.completing.look()
    choice = await pick(screen, Fixed("Commands", [*rows_of(screen), *screen.completing.rows()]))
    if choice is not None:
        _call(screen, choice.value)


def _call(screen: MainScreen, value: str) -> None:
    """Run a command; one of the folder's goes into the prompt, for what it is given."""
    if value.startswith("/"):
        screen.regions.to_prompt()
        screen.composer.prompt.put(value)
    else:
        screen.run_command(value)


async def show_help(screen: MainScreen) -> None:
    """Commands first, those of the folder that were found so far, then keys; what is chosen is
    run. It waits for nothing."""
    own = screen.completing.rows()
    theirs = [Choice(name="Commands of this folder"), *own] if own else []
    rows = [Choice(name="Commands"), *rows_of(screen), *theirs, *_keys(screen)]
    choice = await pick(screen, Fixed("Help", rows), placeholder="What are you looking for?")
    if choice is not None:
        _call(screen, choice.value)


async def show_keys(screen: MainScreen) -> None:
    """Every key, by the place where it holds."""
    choice = await pick(screen, Fixed("Keys", _keys(screen)))
    if choice is not None:
        screen.run_command(choice.value)


def _keys(screen: MainScreen) -> list[Choice]:
    rows: list[Choice] = []
    for context, heading in CONTEXTS.items():
        entries = screen.keymap.entries(context)
        rows += [Choice(name=heading)] if entries else []
        rows += [Choice(value=cmd, name=keys, detail=title(screen, cmd)) for keys, cmd in entries]
    return rows


async def pick_session(screen: MainScreen) -> None:
    """Sessions of this project, newest first."""
    now = screen.clock()
    rows = [
        Choice(value=item.id, name=one_line(item.title), right=age(now - item.updated_at))
        for item in await screen.ion.library.items(everywhere=False)
        if not item.shelf
    ]
    choice = await pick(
        screen, Fixed("Sessions", rows), chosen=lambda row: row.value == screen.session_id
    )
    if choice is not None:
        await acts.show_session(screen, choice.value)


async def pick_mode(screen: MainScreen, mode: str) -> None:
    """READ, PLAN or WRITE."""
    if not mode:
        rows = [Choice(value=m, name=m.upper(), detail=words) for m, words in MODE_WORDS.items()]
        present = screen.view.mode if screen.view else ""
        choice = await pick(screen, Fixed("Mode", rows), chosen=lambda row: row.value == present)
        mode = choice.value if choice else ""
    if mode.lower() in get_args(Mode):
        acts.set_mode(screen, mode.lower())
    elif mode:
        screen.say(f"{mode!r} is no mode. Choose read, plan or write.", "warning")


async def pick_theme(screen: MainScreen, name: str) -> None:
    """A theme, shown on the page while the choice moves over it; Esc brings the old one back."""
    before = screen.app.theme
    if not name:
        rows = [Choice(value=known, name=known) for known in screen.ion.theme_names()]
        choice = await pick(
            screen,
            Fixed("Theme", rows),
            chosen=lambda row: row.value == before,
            moved=lambda row: screen.ion.use_theme(row.value),
        )
        name = choice.value if choice else before
    try:
        screen.ion.use_theme(name)
    except IonError as error:
        screen.say(str(error), "warning")


async def rename(screen: MainScreen, text: str) -> None:
    """A title of the person's own."""
    if not text:
        present = screen.view.title if screen.view else ""
        choice = await pick(
            screen,
            Fixed("Rename this session", ()),
            placeholder="New title",
            text=present,
            free=True,
        )
        text = choice.value if choice else ""
    if text:
        screen.grant(lambda session: session.rename(text))
