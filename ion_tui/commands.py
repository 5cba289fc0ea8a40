"""The one table of commands: palette, ``/`` completion, key bindings and help all read it.

A command is in the table when it works, and not before. Those that only go somewhere on the screen
are listed in ``moves.py``, those for the collection of sessions in ``collection.py``.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from ion_tui import acts, along, choosing, first, jobs, models, spending
from ion_tui.agents import AGENTS
from ion_tui.branching import BRANCHING
from ion_tui.collection import COLLECTION
from ion_tui.command import Command
from ion_tui.compacting import COMPACTING
from ion_tui.moves import MOVES
from ion_tui.plugged import PLUGGED
from ion_tui.rewinding import REWINDING

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen


async def _permissions(screen: MainScreen) -> None:
    from ion_tui import permissions  # start-up: few look

    await permissions.show(screen)


async def _limits(screen: MainScreen, argument: str) -> None:
    from ion_tui import limits  # start-up: as above

    await limits.change(screen, argument)


async def _doctor(screen: MainScreen) -> None:
    from ion_tui import checkup  # start-up: as above

    await checkup.show(screen)


async def _skills(screen: MainScreen) -> None:
    from ion_tui import extending  # start-up: as above

    await extending.show_skills(screen)


async def _commands(screen: MainScreen) -> None:
    from ion_tui import extending  # start-up: as above

    await extending.show_commands(screen)


async def _history(screen: MainScreen) -> None:
    from ion_tui import past  # start-up: as above

    await past.search(screen)


COMMANDS: tuple[Command, ...] = (
    Command(
        id="help.open",
        title="Help: every key and command",
        slash=("help",),
        run=lambda screen, _: choosing.show_help(screen),
    ),
    Command(
        id="palette.open",
        title="All commands",
        run=lambda screen, _: choosing.show_palette(screen),
        hidden=True,
    ),
    Command(
        id="session.new",
        title="Start a new session",
        slash=("new", "clear"),
        run=lambda screen, _: acts.show_session(screen, ""),
    ),
    Command(
        id="session.open",
        title="Open another session",
        slash=("resume",),
        run=lambda screen, _: choosing.pick_session(screen),
    ),
    Command(
        id="session.rename",
        title="Rename this session",
        slash=("rename",),
        takes="title",
        run=choosing.rename,
    ),
    *BRANCHING,
    *REWINDING,
    *COLLECTION,
    *COMPACTING,
    *AGENTS,
    *PLUGGED,
    Command(
        id="session.take_over",
        title="Take this session over from the ion that writes it",
        slash=("takeover",),
        run=lambda screen, _: along.take_over(screen),
    ),
    Command(
        id="model.pick",
        title="Choose the model",
        slash=("model",),
        takes="provider/model[:effort], or a part of it",
        run=models.pick_model,
    ),
    Command(
        id="thinking.set",
        title="Choose how hard the model thinks",
        run=lambda screen, _: models.pick_effort(screen),
    ),
    Command(
        id="account.log_in",
        title="Log in to a provider",
        run=lambda screen, _: first.log_in(screen),
    ),
    Command(
        id="mode.cycle",
        title="Go on to the next mode: READ, PLAN, WRITE",
        run=lambda screen, _: acts.set_mode(screen, ""),
    ),
    Command(
        id="mode.set",
        title="Choose the mode",
        slash=("mode",),
        takes="read | plan | write",
        run=choosing.pick_mode,
    ),
    Command(
        id="permissions.show",
        title="Permissions: the mode, the sandbox and your rules",
        slash=("permissions",),
        run=lambda screen, _: _permissions(screen),
    ),
    Command(
        id="doctor.run",
        title="Doctor: what works here and what does not",
        slash=("doctor",),
        run=lambda screen, _: _doctor(screen),
    ),
    Command(
        id="skills.show",
        title="Skills: which there are, and what is wrong with some",
        slash=("skills",),
        run=lambda screen, _: _skills(screen),
    ),
    Command(
        id="commands.show",
        title="Commands of your own",
        slash=("commands",),
        run=lambda screen, _: _commands(screen),
    ),
    Command(
        id="model.install",
        title="Fetch the embedded model",
        run=lambda screen, _: first.install(screen),
    ),
    Command(
        id="theme.pick",
        title="Choose the theme",
        slash=("theme",),
        takes="name",
        run=choosing.pick_theme,
    ),
    Command(
        id="copy.last",
        title="Copy the last answer",
        slash=("copy",),
        run=lambda screen, _: acts.copy_last(screen),
    ),
    Command(
        id="prompt.editor",
        title="Write the prompt in $EDITOR",
        slash=("editor",),
        run=lambda screen, _: acts.edit_outside(screen),
    ),
    Command(
        id="status.show",
        title="Tokens and cost of this session",
        slash=("status", "cost"),
        run=lambda screen, _: spending.show_figures(screen),
    ),
    Command(
        id="limits.change",
        title="Limits on cost, tokens, turns and time",
        slash=("limits",),
        takes="a limit and its value, such as session_max_cost_usd 5",
        run=_limits,
    ),
    Command(
        id="keys.show",
        title="All keys",
        slash=("keys",),
        run=lambda screen, _: choosing.show_keys(screen),
    ),
    Command(
        id="history.search",
        title="Search your earlier prompts",
        run=lambda screen, _: _history(screen),
    ),
    *MOVES,
    Command(id="job.stop", title="Stop a job", run=lambda screen, _: jobs.stop_one(screen)),
    Command(
        id="job.background",
        title="Move the running command to the background",
        run=lambda screen, _: jobs.background(screen),
    ),
    Command(
        id="ui.redraw", title="Draw the screen again", run=lambda screen, _: screen.ion.redraw()
    ),
    Command(
        id="app.suspend",
        title="Suspend ion",
        run=lambda screen, _: screen.ion.action_suspend_process(),
    ),
    Command(
        id="app.quit",
        title="Leave ion",
        slash=("quit",),
        run=lambda screen, _: screen.ion.leave(),
    ),
    Command(
        id="prompt.undo",
        title="Undo in the prompt",
        hidden=True,
        run=lambda screen, _: screen.composer.prompt.undo(),
    ),
    Command(
        id="prompt.redo",
        title="Redo in the prompt",
        hidden=True,
        run=lambda screen, _: screen.composer.prompt.redo(),
    ),
    Command(
        id="ui.interrupt",
        title="Interrupt",
        hidden=True,
        run=lambda screen, _: screen.composer.prompt.interrupt(),
    ),
)

BY_ID = {command.id: command for command in COMMANDS}
BY_SLASH = {name: command for command in COMMANDS for name in command.slash}


def slash(text: str) -> tuple[Command, str] | str | None:
    """What a prompt that begins with ``/`` means: a command and its argument; a sentence when the
    name is unknown; None when it is an ordinary prompt (a path, say)."""
    if not text.startswith("/"):
        return None
    name, _, argument = text[1:].partition(" ")
    if command := BY_SLASH.get(name.strip()):
        return command, argument.strip()
    if not name.replace("-", "").isalpha() or not name.islower():
        return None
    close = get_close_matches(name, BY_SLASH, 1)
    hint = f" Did you mean /{close[0]}?" if close else " Type / to see them all."
    return f"There is no command /{name}.{hint}"
