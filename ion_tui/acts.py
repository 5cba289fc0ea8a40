"""What the commands and wishes do that need no list: send, interrupt, switch, copy, leave."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ion_core.asking import Answer, Decision
from ion_core.entries import Mode
from ion_core.ids import CallId, EntryId
from ion_core.messages import Message
from ion_tui import terminal
from ion_tui.errands import Errand, interrupt

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_tui.intents import SessionWanted
    from ion_tui.screens.main import MainScreen

NEXT_MODE: dict[Mode, Mode] = {"read": "plan", "plan": "write", "write": "read"}


def submit(screen: MainScreen, text: str) -> None:
    """Send a prompt; while a turn runs, before its next step. What cannot be sent comes back."""
    if screen.ion.queues_on_enter:
        follow_up(screen, text)
        return
    screen.composer.prompt.busy = True  # an Esc may follow before the session tells of the turn
    _send(screen, text, lambda session: session.submit(text))


async def submit_own(screen: MainScreen, text: str, problem: str) -> None:
    """Send what begins with a name that ion does not have: a command of the folder's, or else a
    slip of the pen, which comes back with the ``problem``."""
    name = text.strip()[1:].partition(" ")[0].partition("\n")[0]
    if not screen.completing.knows(name):
        await screen.completing.look()
    if screen.completing.knows(name):
        submit(screen, text)
    else:
        screen.composer.prompt.give_back(text)
        screen.say(problem, "warning")


def follow_up(screen: MainScreen, text: str) -> None:
    """Send a prompt when the running turn is over."""

    async def errand(session: Session) -> None:
        await (session.follow_up(text) if session.busy else session.submit(text))

    screen.composer.prompt.busy = True
    _send(screen, text, errand)


def _send(screen: MainScreen, text: str, errand: Errand) -> None:
    """It is a draft until it is durable, and again when it cannot be sent."""

    async def sent(session: Session) -> None:
        await errand(session)
        await screen.drafts.sent(text)

    screen.drafts.sending(text)
    screen.grant(sent, lambda: _unsent(screen, text))


def _unsent(screen: MainScreen, text: str) -> None:
    screen.composer.prompt.busy = screen.view is not None and screen.view.busy
    screen.composer.prompt.give_back(text)
    screen.do(screen.drafts.sent(text))


def stop(screen: MainScreen) -> None:
    """Interrupt the turn. A prompt that had no answer yet comes back to the editor."""

    async def errand(session: Session) -> None:
        if text := await interrupt(session):
            screen.composer.prompt.give_back(text)

    screen.grant(errand)


def take_back(screen: MainScreen) -> None:
    """Put the newest waiting message back into the editor."""

    async def errand(session: Session) -> None:
        if text := await session.take_back():
            screen.composer.prompt.give_back(text)

    screen.grant(errand)


def decide(screen: MainScreen, call: CallId, decision: Decision) -> None:
    """Say whether a call may run."""

    async def errand(session: Session) -> None:
        session.decide(call, decision)

    screen.grant(errand)


def reply(screen: MainScreen, call: CallId, answers: Sequence[Answer]) -> None:
    """Answer the questions of a call."""

    async def errand(session: Session) -> None:
        session.reply(call, answers)

    screen.grant(errand)


def set_mode(screen: MainScreen, mode: str) -> None:
    """Change the mode; without one, go to the next."""

    async def errand(session: Session) -> None:
        await session.set_mode(cast(Mode, mode) if mode else NEXT_MODE[session.view.mode])

    screen.grant(errand)


def copy(screen: MainScreen, text: str) -> None:
    """Put text on the clipboard and say by which way it went."""

    async def work() -> None:
        way, sequence = await asyncio.to_thread(terminal.copy, text)
        if sequence:
            screen.ion.send(sequence)
        size = f"{len(text)} character{'s' * (len(text) != 1)}"
        said = f"Copied {size} ({way})." if way else f"{size} are too many for this terminal."
        screen.say(said, "information" if way else "warning")

    screen.do(work())


def copy_last(screen: MainScreen) -> None:
    """Copy the last answer as it was written: its Markdown, without gutters."""
    entries = screen.view.entries if screen.view else []
    bodies = [entry.body for entry in reversed(entries)]
    answers = (b.text for b in bodies if isinstance(b, Message) and b.role == "assistant")
    if text := next((answer for answer in answers if answer.strip()), ""):
        copy(screen, text)
    else:
        screen.say("There is no answer to copy yet.", "warning")


async def reveal(screen: MainScreen, call: CallId) -> None:
    """Show a call in the transcript; of one that started an agent, the agent."""
    if agent := screen.nest.started_by(screen.session_id, call):
        await show_session(screen, agent)
    else:
        screen.transcript.reveal(call)
    screen.regions.to_prompt()


async def show_session(screen: MainScreen, session: str) -> None:
    """Show a session, a new one for an empty id."""
    runtime = await screen.ion.runtime()
    opened = await runtime.open(session or None)
    if not session:
        opened.hooking.source = "clear"
    await turn_to(screen, opened)


async def show_at(screen: MainScreen, wish: SessionWanted) -> None:
    """Show a session on the wanted branch, at the wanted message."""
    await show_session(screen, wish.session)
    entry, session = EntryId(wish.entry), screen.desk.session
    if session is None or not (wish.branch or wish.entry):
        return
    if not any(each.id == entry for each in session.view.entries):
        if session.busy:
            screen.say("That branch can be shown when the running turn is over.", "warning")
            return
        await (session.switch(wish.branch) if wish.branch else session.move_to(entry))
    if wish.entry:
        screen.transcript.seek(entry, wish.words)


async def turn_to(screen: MainScreen, session: Session) -> None:
    """Show an open session. What was typed stays with the session that it was typed for."""
    if screen.session_id != session.id:
        screen.drafts.turn(session)
    await screen.desk.turn_to(session)
    if session.waiting:  # a run without a screen ended there: now there is somebody to ask
        screen.grant(lambda session: session.resume(()))
    screen.ion.refresh_sessions(session.id)
    screen.regions.to_prompt()


def edit_outside(screen: MainScreen) -> None:
    """Write the prompt in the editor that the environment names."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        screen.say("Set EDITOR to the editor you like.", "warning")
        return
    prompt = screen.composer.prompt
    with tempfile.TemporaryDirectory(prefix="ion-") as folder:
        file = Path(folder, "prompt.md")
        file.write_text(prompt.text, "utf-8")
        with screen.app.suspend():
            done = subprocess.run([*shlex.split(editor), str(file)], check=False)
        if done.returncode == 0:
            prompt.put(file.read_text("utf-8").rstrip("\n"))
        else:
            screen.say(
                f"{editor} ended with {done.returncode}; the prompt is as it was.", "warning"
            )
    screen.app.refresh(layout=True)
