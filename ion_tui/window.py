"""What a person does about a model's window: see what fills it, and make room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.errors import IonError
from ion_core.ids import EntryId
from ion_tui import choosing
from ion_tui.figures import tokens
from ion_tui.offer import Fixed
from ion_tui.screens.patience import patiently
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_core.compaction.ceilings import Ceilings
    from ion_core.compaction.portions import Portion
    from ion_tui.screens.main import MainScreen

NOTHING = "There is nothing in this session yet."
CELLS, MARGIN = 60, 2
"""Of the bar at most, and on either side of it."""
FILLED, RESERVED, FREE = "█", "▒", "░"


async def compact(screen: MainScreen, argument: str) -> None:
    """Make the conversation short; ``preview`` shows the summary first, ``undo`` takes the newest
    one back, anything else is what the summary should keep."""
    session = screen.desk.session
    if session is None or not session.view.entries:
        screen.say(NOTHING, "warning")
    elif argument == "undo":
        await session.undo_compaction()
        screen.say("The conversation is whole again: the checkpoint is on a branch of its own.")
    elif argument == "preview" or argument.startswith("preview "):
        await _preview(screen, session, argument.removeprefix("preview").strip())
    else:
        if session.busy:
            screen.say("Compacts before the next step.")
        await session.compact(argument)


async def _preview(screen: MainScreen, session: Session, focus: str) -> None:
    from ion_tui.screens.summary import SummarySheet

    ready = await patiently(screen, "Writing the summary", session.preview_compaction(focus))
    if ready is None:
        return
    task, made = ready
    sheet = SummarySheet(made, keymap=screen.keymap, place=screen.regions.chat)
    text = await screen.app.push_screen_wait(sheet)
    if text is None:
        screen.say("Nothing was compacted.")
        return
    edited = text.strip() != made.summary.strip()
    await session.adopt_compaction(task, replace(made, summary=text.strip(), edited=edited))


async def pin(screen: MainScreen, text: str) -> None:
    """Have no summary lose these words."""
    session = screen.desk.session
    if session is not None:
        await session.pin(text)
        screen.say("Pinned: every checkpoint from now on repeats it.")


async def expand(screen: MainScreen, entry: str) -> None:
    """Put what an entry says in front of the model again."""
    session = screen.desk.session
    if session is not None:
        await session.expand(EntryId(entry.strip()))
        screen.say(f"{entry.strip()} is read with your next prompt.")


async def hand_over(screen: MainScreen, goal: str) -> None:
    """Begin a session for a goal; its first prompt is written and not sent."""
    session = screen.desk.session
    if session is None or not session.view.entries:
        screen.say(NOTHING, "warning")
        return
    runtime = await screen.ion.runtime()
    gathering = runtime.hand_over(session, goal)
    if (ready := await patiently(screen, "Gathering what matters there", gathering)) is None:
        return
    made, draft = ready
    await screen.desk.turn_to(made)
    screen.composer.prompt.put(draft)
    screen.composer.prompt.move_cursor((0, 0))  # it is read from its beginning
    screen.say("A new session. Read its first prompt, then send it.")


async def show(screen: MainScreen) -> None:
    """A bar and a table of what fills the window; what is chosen makes room."""
    from ion_core.compaction.portions import portions

    session = screen.desk.session
    if session is None:
        return
    try:
        request, used, limits = await session.draft()
    except IonError as error:
        screen.say(str(error), "warning")
        return
    parts = portions(session.view.entries, request, used, limits)
    cells = min(CELLS, screen.regions.chat().width - 2 * MARGIN)
    note = f"{_figures(used, limits)}\n{_bar(used, limits, cells)}"
    offer = Fixed("Context", _rows(parts, limits), note)
    choice = await choosing.pick(screen, offer, placeholder="Enter on a row does what it says")
    if choice is not None and choice.value:
        screen.run_command(choice.value)


def _rows(parts: tuple[Portion, ...], limits: Ceilings) -> list[Choice]:
    rows = [
        Choice(
            value="context.compact" if "/compact" in part.advice else "",
            name=part.name,
            detail=part.advice or part.detail,
            right=f"{tokens(part.tokens)}  {100 * part.tokens / limits.window:3.0f}%",
        )
        for part in parts
    ]
    compact = f"by itself at {tokens(limits.soft)}"
    return [*rows, Choice(value="context.compact", name="Compact now", detail=compact)]


def _bar(used: int, limits: Ceilings, cells: int) -> str:
    filled = min(cells, round(cells * used / limits.window))
    reserved = round(cells * (limits.window - limits.hard) / limits.window)
    free = max(0, cells - filled - reserved)
    return FILLED * filled + FREE * free + RESERVED * (cells - filled - free)


def _figures(used: int, limits: Ceilings) -> str:
    assumed = " (assumed)" if limits.assumed else ""
    share = f"{100 * used / limits.window:.0f}%"
    return f"{tokens(used)} of {tokens(limits.window)}{assumed}, {share}"
