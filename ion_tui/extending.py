"""Screens of skills and of commands of one's own, each with state and source."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ion_tui import acts
from ion_tui.commands import BY_SLASH
from ion_tui.offer import Fixed
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen

NO_COMMANDS = "No commands of your own. .ion/commands/NAME.md is one."
TAKEN = "A command of ion's own has this name and goes first."


async def show_skills(screen: MainScreen) -> None:
    """Skills; Enter begins a prompt with one, or copies where the file is of one that cannot be."""
    runtime = await screen.ion.runtime()
    slash = runtime.slash(screen.desk.session)
    skills = await asyncio.to_thread(slash.skills.skills)
    rows = [
        row
        for skill in skills
        for row in _rows(
            Choice(
                value=f"/skill:{skill.name} " if skill.usable and skill.by_person else skill.file,
                name=one_line(skill.name),
                detail=one_line(skill.problem or skill.description),
                right="broken" if skill.problem else "shadowed" if skill.shadowed else skill.owner,
            ),
            skill.file,
            skill.complaints,
        )
    ]
    await _begin(screen, "Skills", rows)


async def show_commands(screen: MainScreen) -> None:
    """Commands of one's own; Enter likewise. Those with a name of ion's own cannot be called."""
    runtime = await screen.ion.runtime()
    slash = runtime.slash(screen.desk.session)
    commands = await asyncio.to_thread(slash.commands.commands)
    rows = [
        row
        for one in commands
        for row in _rows(
            Choice(
                value=f"/{one.name} " if one.usable and one.name not in BY_SLASH else one.file,
                name=one_line(f"/{one.name} {one.hint}".strip()),
                detail=one_line(one.problem or one.description),
                right="broken" if one.problem else "shadowed" if one.shadowed else one.owner,
            ),
            one.file,
            (TAKEN,) if one.name in BY_SLASH else (),
        )
    ]
    if not rows:
        screen.say(NO_COMMANDS)
        return
    await _begin(screen, "Commands of your own", rows)


def _rows(row: Choice, file: Path, complaints: Sequence[str]) -> list[Choice]:
    """A row, and below it where its file is and what is wrong with it."""
    told = [str(file), *complaints]
    return [row, *(Choice(value=row.value, name="", detail=one_line(line)) for line in told)]


async def _begin(screen: MainScreen, title: str, rows: Sequence[Choice]) -> None:
    from ion_tui import choosing

    choice = await choosing.pick(screen, Fixed(title, rows))
    if choice is None:
        return
    if isinstance(choice.value, Path):
        acts.copy(screen, str(choice.value))
    else:
        screen.regions.to_prompt()
        screen.composer.prompt.put(choice.value)
