"""What a person does about a model's window: see what fills it, and make room."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.errors import IonError
from ion_core.ids import EntryId
from ion_tui import choosing
from ion_tui.figures import tokens
from ion_tui.offer import Fixed
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_core.compaction.ceilings import Ceilings
    from ion_core.compaction.portions import Portion
    from ion_tui.screens.main import MainScreen

NOTHING = "There is nothing in this session yet."
CELLS = 60
"""Of the bar."""
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

    screen.say("Writing the summary…")
    task, made = await session.preview_compaction(focus)
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
    screen.say("Gathering what matters there…")
    made, draft = await runtime.hand_over(session, goal)
    await screen.desk.turn_to(made)
    screen.composer.prompt.put(draft)
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
    offer = Fixed("Context", _rows(parts, limits), _bar(parts, used, limits))
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


def _bar(parts: tuple[Portion, ...], used: int, limits: Ceilings) -> str:
    filled = min(CELLS, round(CELLS * used / limits.window))
    reserved = round(CELLS * (limits.window - limits.hard) / limits.window)
    free = max(0, CELLS - filled - reserved)
    bar = FILLED * filled + FREE * free + RESERVED * (CELLS - filled - free)
    assumed = " (assumed)" if limits.assumed else ""
    share = f"{100 * used / limits.window:.0f}% of {tokens(limits.window)}{assumed}"
    return f"{bar}  {tokens(used)}, {share}"
