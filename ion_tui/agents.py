"""Commands for agents at work: open one where its parent was, go on to the next, back, stop it.

An agent's transcript is that of its own session, shown by the same bridge as any other; what is
typed there is said to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from ion_core.subagent_events import SubagentEnded, SubagentStarted, requests
from ion_core.underway import Child
from ion_tui import acts, jobs
from ion_tui.command import Command
from ion_tui.figures import duration
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.events import Emitted
    from ion_tui.screens.main import MainScreen
    from ion_tui.widgets.tree_rows import SessionItem

NONE = "No agents were started in this session."


def parent_of(screen: MainScreen) -> str:
    """The session whose agent is on screen, empty when none is."""
    return screen.nest.parent_of(screen.session_id)


async def show(screen: MainScreen) -> None:
    """The agents of this session, and the kinds that there are; one that works can be opened."""
    from ion_tui import choosing
    from ion_tui.offer import Fixed

    rows = [_earlier(item) for item in screen.nest.kept(screen.session_id)]
    rows += [_row(child) for child in screen.nest.family(screen.session_id)]
    runtime = await screen.ion.runtime()
    kinds = await runtime.profiles(screen.desk.session)
    rows += [Choice(name="Kinds of agents")] if kinds else []
    rows += [
        Choice(
            value=f"kind:{one.name}",
            name=one_line(one.name),
            detail=one_line(one.problem or one.description),
            right="broken" if one.problem else "shadowed" if one.shadowed else one.owner,
        )
        for one in kinds
    ]
    choice = await choosing.pick(screen, Fixed("Agents", rows))
    if choice is not None and not str(choice.value).startswith("kind:"):
        await acts.show_session(screen, choice.value)


def _earlier(item: SessionItem) -> Choice:
    return Choice(value=item.id, name=one_line(item.title or item.name), right="earlier")


def _row(child: Child) -> Choice:
    state = child.ended.status if child.ended is not None else "running"
    return Choice(
        value=child.id,
        name=one_line(f"{child.begun.agent}: {child.begun.description}"),
        detail=now(child),
        right=state,
    )


def now(child: Child) -> str:
    """What an agent does, in a few words."""
    if child.ended is not None:
        took = duration(child.ended.duration_ms)
        return f"{requests(child.ended.turns)} in {took}"
    progress = child.progress
    if progress is None:
        return "begins"
    if progress.waits_for:
        return f"needs your {progress.waits_for.split()[-1]}"
    doing = f"{progress.tool} {one_line(progress.target)}".strip() or "thinks"
    return f"{requests(progress.turns)} · {doing}"


async def open_shown(screen: MainScreen) -> None:
    """Open the agent whose card is on the screen; of several, the last."""
    for call in reversed(screen.transcript.calls):
        if agent := screen.nest.started_by(screen.session_id, call):
            await acts.show_session(screen, agent)
            return
    screen.say("No agent was started by what is on the screen.")


async def cycle(screen: MainScreen, step: int) -> None:
    """Go on to another agent of the same session, or from the session to its first."""
    family = screen.nest.ids(screen.session_id)
    if not family:
        screen.say(NONE, "warning")
        return
    here = screen.session_id
    at = family.index(here) + step if here in family else (0 if step > 0 else -1)
    await acts.show_session(screen, family[at % len(family)])


def follow(screen: MainScreen, session: str, events: Sequence[Emitted]) -> None:
    """Open an agent that its session on screen starts, where there is room beside it, and go back
    when it is done. Who writes something is left where they are."""
    if screen.composer.prompt.text or not screen.regions.is_wide:
        return
    for emitted in events:
        match emitted.event:
            case SubagentStarted(child=child) if session == screen.session_id:
                screen.ion.start(partial(acts.show_session, screen, child))
                return
            case SubagentEnded(child=child) if child == screen.session_id:
                screen.ion.start(partial(acts.show_session, screen, session))
                return


async def back(screen: MainScreen) -> None:
    """Go back to the session that started this agent; elsewhere, undo in the prompt."""
    if parent := parent_of(screen):
        await acts.show_session(screen, parent)
    else:
        screen.composer.prompt.undo()


async def stop(screen: MainScreen) -> None:
    """Stop the agent on screen; elsewhere, a job."""
    if parent_of(screen):
        acts.stop(screen)
    else:
        jobs.stop_one(screen)


def begin(screen: MainScreen, argument: str) -> None:
    """Have AGENTS.md written, or improved where that is asked for."""
    from ion_core.errors import ConfigError
    from ion_core.starting import prompt_for, write_config

    folder = screen.desk.session.cwd if screen.desk.session else screen.ion.folder
    try:
        prompt = prompt_for(folder, force=argument.strip() in ("force", "--force"))
        if write_config(folder) is not None:
            screen.say("Wrote .ion/config.toml: an example, all of it in comments.")
    except ConfigError:
        screen.say("There is an AGENTS.md already. To have it improved: /init force", "warning")
        return
    except OSError as error:
        screen.say(f".ion/config.toml cannot be written: {error.strerror}", "error")
        return
    acts.submit(screen, prompt)


AGENTS: Sequence[Command] = (
    Command(
        id="project.init",
        title="Write AGENTS.md for this repository",
        slash=("init",),
        takes="force, to improve one that is there",
        run=begin,
    ),
    Command(
        id="agents.show",
        title="Agents: those at work, and the kinds there are",
        slash=("agents",),
        run=lambda screen, _: show(screen),
    ),
    Command(
        id="agent.open",
        title="Open the agent whose card is on the screen (in the transcript)",
        run=lambda screen, _: open_shown(screen),
    ),
    Command(id="agent.next", title="Next agent", run=lambda screen, _: cycle(screen, 1)),
    Command(id="agent.previous", title="Previous agent", run=lambda screen, _: cycle(screen, -1)),
    Command(
        id="agent.back",
        title="Back to the session of this agent (elsewhere: undo in the prompt)",
        run=lambda screen, _: back(screen),
    ),
    Command(
        id="agent.stop",
        title="Stop this agent (elsewhere: a job)",
        run=lambda screen, _: stop(screen),
    ),
)
