"""The ``skill`` tool: the instructions for a kind of work, when it comes up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, ClassVar, Protocol

from msgspec import Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed

NAME = "skill"


class SkillArgs(Struct, frozen=True):
    """Which one, and what it is given."""

    example: ClassVar[dict[str, Any]] = {"name": "release-notes", "args": "v1.2"}

    name: str
    args: str = ""


class Opened(Struct, frozen=True, kw_only=True):
    """A skill as a model reads it; ``allowed`` and ``disallowed`` are tools as it names them, and
    ``only``: it may use no others than the allowed ones."""

    name: str
    text: str
    allowed: tuple[str, ...] = ()
    disallowed: tuple[str, ...] = ()
    only: bool = False


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
        return 30.0

    async def run(self, args: SkillArgs, ctx: ToolContext) -> Outcome:
        from ion_core.errors import IonError  # start-up: with the first skill

        root = ctx.workspace.root
        try:
            opened = await asyncio.to_thread(self._skills.open, root, args.name, args.args)
        except IonError as error:
            return failed(str(error), args.name)
        if ctx.enter is not None and (opened.allowed or opened.disallowed):
            ctx.enter(opened.name, opened.allowed, opened.disallowed, opened.only)
        target = self.target(args)
        display = Display(target=target, summary=f"{len(opened.text):,} characters")
        return Outcome(content=opened.text, display=display)
