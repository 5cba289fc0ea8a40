"""What prompts that begin with a slash stand for, in one folder: skills, commands, MCP prompts.

``/skill:name`` is always the skill; ``/name`` is a command, else a skill, and
``/mcp__server__name`` a prompt of a server. What is none of these is an ordinary prompt.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from ion_core.agent.expanding import Expanded
from ion_core.errors import ConfigError
from ion_core.tools.skill import Opened

if TYPE_CHECKING:
    from ion_core.commands.shelf import CommandShelf
    from ion_core.config.extension_schema import SkillSettings
    from ion_core.ladder import Ladder
    from ion_core.mcp.servers import Servers
    from ion_core.skills.model import Skill
    from ion_core.skills.shelf import Shelf

PATIENCE_S = 30.0
_MCP = "mcp__"
ASIDE = (
    'Call the tool skill with name "{name}" and args "{args}" now: an agent of its own does what '
    "it says, and you get its report. Then say what came of it."
)


class Offer(Struct, frozen=True, kw_only=True):
    """A name that can be called: for completion, the palette and help."""

    name: str
    about: str
    hint: str = ""
    what: Literal["skill", "command", "prompt"] = "command"


class Slash:
    """Of a folder, by ``ladder``; ``cache`` is for what was read of skills."""

    def __init__(
        self,
        ladder: Ladder,
        cache: Path,
        settings: Callable[[], SkillSettings],
        servers: Callable[[], Servers | None],
    ) -> None:
        from ion_core.commands.shelf import CommandShelf  # start-up: few prompts begin so
        from ion_core.skills.shelf import Shelf

        self.skills: Shelf = Shelf(ladder, cache)
        self.commands: CommandShelf = CommandShelf(ladder)
        self._settings, self._servers = settings, servers
        self.called: set[str] = set()
        """Skills that the person called for an agent to do: models may open them from then on."""

    def offers(self) -> list[Offer]:
        """Everything that can be called, by name. Blocking."""
        found = [
            Offer(name=one.name, about=one.description, hint=one.hint)
            for one in self.commands.commands()
            if one.usable
        ]
        names = {offer.name for offer in found}
        for skill in self.skills.skills():
            if skill.usable and skill.by_person:
                name = f"skill:{skill.name}" if skill.name in names else skill.name
                about, hint = skill.description, skill.hint
                found.append(Offer(name=name, about=about, hint=hint, what="skill"))
        return sorted([*found, *self._prompts()], key=lambda offer: offer.name)

    def _prompts(self) -> list[Offer]:
        from ion_core.mcp.names import tool_name  # start-up: as above

        servers = self._servers()
        return [
            Offer(
                name=tool_name(server.name, prompt.name),
                about=prompt.description or f"A prompt of {server.name}",
                hint=" ".join(f"[{one.name}]" for one in prompt.arguments or ()),
                what="prompt",
            )
            for server in servers or ()
            for prompt in server.prompts
        ]

    async def expand(self, text: str) -> Expanded | None:
        """What a prompt stands for. Raises ``ConfigError`` and ``NotConnected``."""
        called, _, args = text[1:].partition(" ")
        name, newline, rest = called.partition("\n")
        args = f"{rest}\n{args}".strip() if newline else args.strip()
        if name.startswith(_MCP):
            return await self._prompt(name, args)
        return await asyncio.to_thread(self._written, name, args)

    def _written(self, name: str, args: str) -> Expanded | None:
        if not name.startswith("skill:") and (command := self._command(name, args)):
            return command
        skill = self.skills.find(name.removeprefix("skill:"))
        if skill is None and name.startswith("skill:"):
            known = ", ".join(one.name for one in self.skills.skills() if one.usable)
            raise ConfigError(f"There is no such skill as /{name}. There are: {known}")
        if skill is None or not skill.by_person:
            return None
        opened = self.opened(skill, args)
        if opened.agent:
            self.called.add(skill.name)
            return Expanded(
                name=skill.name,
                args=args,
                text=ASIDE.format(name=skill.name, args=args),
                source=str(skill.file),
            )
        return Expanded(
            name=skill.name,
            args=args,
            text=opened.text,
            source=str(skill.file),
            allowed=opened.allowed,
            disallowed=opened.disallowed,
            only=opened.only,
            models=skill.models,
        )

    def _command(self, name: str, args: str) -> Expanded | None:
        command = self.commands.find(name)
        if command is None:
            return None
        if command.problem:
            raise ConfigError(f"/{name} cannot be used. {command.problem}", file=str(command.file))
        from ion_core.arguments import filled

        return Expanded(
            name=name,
            args=args,
            text=filled(command.body, args, first=1),
            source=str(command.file),
            what="command",
            allowed=command.allowed if self._settings().allowed_tools != "ignore" else (),
            models=(command.model,) if command.model else (),
            runs=True,
        )

    async def _prompt(self, name: str, args: str) -> Expanded | None:
        from ion_core.arguments import split
        from ion_core.mcp.faults import NotConnected, explained
        from ion_core.mcp.names import tool_name

        servers = self._servers()
        if servers is None:
            return None
        server = servers.find(name.removeprefix(_MCP).partition("__")[0])
        await servers.settled(PATIENCE_S, server.name)
        known = {tool_name(server.name, prompt.name): prompt for prompt in server.prompts}
        if (prompt := known.get(name)) is None:
            listed = ", ".join(known) or "none"
            raise NotConnected(f"{server.name} has no prompt {name}. It has: {listed}.")
        wanted = [argument.name for argument in prompt.arguments or ()]
        given = dict(zip(wanted, _words(split(args), len(wanted)), strict=False))
        try:
            text = await server.prompt(prompt.name, given)
        except Exception as error:
            raise NotConnected(f"{name} could not be had: {explained(error)}") from error
        return Expanded(name=name, args=args, text=text, source=server.name, what="command")

    def opened(self, skill: Skill, args: str) -> Opened:
        """A skill as a model reads it. Blocking. Raises ``ConfigError``."""
        from ion_core.skills.body import body_of

        try:
            text = body_of(skill, args)
        except (OSError, ValueError) as error:
            raise ConfigError(f"cannot be read: {error}", file=str(skill.file)) from error
        meaning = self._settings().allowed_tools
        return Opened(
            name=skill.name,
            text=text,
            allowed=() if meaning == "ignore" else skill.allowed,
            disallowed=skill.disallowed,
            only=meaning == "restrict",
            agent=(skill.agent or "general") if skill.fork else "",
        )


def _words(words: list[str], most: int) -> list[str]:
    """At most so many: what is left over belongs to the last."""
    if len(words) <= most or not most:
        return words
    return [*words[: most - 1], " ".join(words[most - 1 :])]


class SkillsAtHand:
    """``Skills`` of the ``skill`` tool, by the folder that a session works in."""

    def __init__(self, slash: Callable[[Path], Slash]) -> None:
        self._slash = slash

    def names(self, cwd: Path) -> tuple[str, ...]:
        """See ``Skills``."""
        skills = self._slash(cwd).skills.skills()
        return tuple(skill.name for skill in skills if skill.usable and skill.by_model)

    def open(self, cwd: Path, name: str, args: str) -> Opened:
        """See ``Skills``."""
        slash = self._slash(cwd)
        skill = slash.skills.find(name.removeprefix("/"))
        if skill is None or not (skill.by_model or skill.name in slash.called):
            names = ", ".join(self.names(cwd))
            raise ConfigError(f"There is no skill {name!r}. There are: {names}.")
        return slash.opened(skill, args)
