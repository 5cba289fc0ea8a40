"""The ``skill`` tool: the instructions for a kind of work, when it comes up."""

from __future__ import annotations

import asyncio
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from msgspec import Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed

if TYPE_CHECKING:
    from ion_core.tools.spawner import Spawner

NAME = "skill"
READ_S = 30.0


class SkillArgs(Struct, frozen=True):
    """Which one, and what it is given."""

    example: ClassVar[dict[str, Any]] = {"name": "release-notes", "args": "v1.2"}

    name: str
    args: str = ""


class Opened(Struct, frozen=True, kw_only=True):
    """A skill as a model reads it; ``allowed`` and ``disallowed`` are tools as it names them, and
    ``only``: it may use no others than the allowed ones. ``agent`` is the kind of agent that does
    it in a conversation of its own, empty where the reader does."""

    name: str
    text: str
    allowed: tuple[str, ...] = ()
    disallowed: tuple[str, ...] = ()
    only: bool = False
    agent: str = ""


class Skills(Protocol):
    """The skills of a folder."""

    def names(self, cwd: Path) -> tuple[str, ...]:
        """Those that a model may call for. Blocking."""
        ...

    def open(self, cwd: Path, name: str, args: str) -> Opened:
        """One of them. Blocking. Raises ``IonError`` with what to do instead."""
        ...


class SkillTool:
    """Opens one of ``skills``."""

    name = NAME
    args: type[Struct] = SkillArgs
    effect: Effect = "read"
    description = (
        "Read the instructions of a skill, then follow them. Call it before the work it is for. "
        "`ion` is about ion itself: its configuration, commands and extensions."
    )

    def __init__(self, skills: Skills) -> None:
        self._skills = skills

    def target(self, args: SkillArgs) -> str:
        return f"{args.name} {args.args}".strip()

    def timeout_s(self, args: SkillArgs) -> float:
        return math.inf  # one may be done by an agent

    async def run(self, args: SkillArgs, ctx: ToolContext) -> Outcome:
        from ion_core.errors import IonError  # start-up: with the first skill

        root = ctx.workspace.root
        try:
            async with asyncio.timeout(READ_S):
                opened = await asyncio.to_thread(self._skills.open, root, args.name, args.args)
        except TimeoutError:
            return failed(f"The skill could not be read within {READ_S:g} s.", args.name)
        except IonError as error:
            return failed(str(error), args.name)
        if opened.agent and ctx.spawner is not None:
            from ion_core.tools.task import TaskArgs

            spawner: Spawner = ctx.spawner
            about = f"/{self.target(args)}"[:200]
            wanted = TaskArgs(agent=opened.agent, prompt=opened.text, description=about)
            return await spawner.run(ctx.call, wanted)
        if ctx.enter is not None and (opened.allowed or opened.disallowed):
            ctx.enter(opened.name, opened.allowed, opened.disallowed, opened.only)
        target = self.target(args)
        display = Display(target=target, summary=f"{len(opened.text):,} characters")
        return Outcome(content=opened.text, display=display)
