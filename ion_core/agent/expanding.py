"""Prompts that begin with ``/``: a skill, a command of one's own, or a prompt of an MCP server.

The person's words stay as they were said; what they stand for follows them as an entry. Commands
within its text (``!`git status` ``) run in the sandbox that only looks, whatever the mode.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ion_core.agent.dispatch import Dispatch
from ion_core.agent.scope import Scope, scope
from ion_core.entries import SkillRun

OUTPUT: Final = 20_000
"""Characters of one command's output that are put into the text."""
_SHELL: Final = re.compile(r"!`([^`\n]+)`")


class Expanded(Struct, frozen=True, kw_only=True):
    """What such a prompt stands for. ``models`` are those that it is for, none: any; ``runs``: its
    text may have commands in it; ``only``: it may use no other tools than ``allowed``."""

    name: str
    args: str
    text: str
    source: str
    what: Literal["skill", "command"] = "skill"
    allowed: tuple[str, ...] = ()
    disallowed: tuple[str, ...] = ()
    only: bool = False
    models: tuple[str, ...] = ()
    runs: bool = False

    @property
    def scope(self) -> Scope | None:
        """What it changes about leave."""
        return scope(self.name, self.allowed, self.disallowed, only=self.only)

    def model(self, current: str) -> str:
        """Who answers instead of ``current`` (``provider/model``), empty where that one may. A name
        without a provider ("sonnet") is any model that has it in its own."""
        names = [name.lower() for name in self.models]
        if any(name == "inherit" or name in current.lower() for name in names):
            return ""
        return next((name for name in self.models if "/" in name), "")

    @property
    def typed(self) -> str:
        """What a person wrote of the text: a command's, without what its own commands print."""
        return _SHELL.sub("", self.text) if self.runs else ""

    async def filled(self, dispatch: Dispatch) -> Expanded:
        """The same with the output of its commands in their places."""
        if not self.runs or "!`" not in self.text:
            return self
        pieces = _SHELL.split(self.text)
        for at in range(1, len(pieces), 2):
            outcome = await dispatch.look("bash", {"command": pieces[at]})
            pieces[at] = outcome.content[:OUTPUT].rstrip()
        return replace(self, text="".join(pieces))

    @property
    def entry(self) -> SkillRun:
        """The entry behind the prompt."""
        return SkillRun(
            name=self.name,
            args=self.args,
            text=self.text,
            source=self.source,
            what=self.what,
            allowed=self.allowed,
            disallowed=self.disallowed,
        )


Expand: TypeAlias = Callable[[str], Awaitable[Expanded | None]]
"""What a prompt stands for, None for one that means itself. Raises ``IonError`` for what is known
and cannot be used."""
