"""What extends ion in one folder, joined for the sessions there: servers, skills, commands.

Nothing of it is imported where there is nothing: then a look for a file is all that it costs.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ion_core.config.load import Loaded
from ion_core.ladder import Ladder, ladder

if TYPE_CHECKING:
    from ion_core.agent.expanding import Expand, Expanded
    from ion_core.agent.instructing import Catalogue
    from ion_core.agent.opening import Resource
    from ion_core.config.extension_schema import SkillSettings
    from ion_core.config.origins import Origins
    from ion_core.hooks.base import Hooks, Verdict
    from ion_core.mcp.declared import Declared
    from ion_core.mcp.servers import Servers
    from ion_core.profiles.shelf import ProfileShelf
    from ion_core.slash import SkillsAtHand, Slash
    from ion_core.tools.process import Launcher

CLAUDE_SETTINGS = (".claude/settings.json", ".claude/settings.local.json")

OTHERS = (".agents", ".claude")
"""What other agents call their folders."""


class Extensions:
    """Of ``cwd``; ``home`` is ion's own folder, ``files`` are further lists of servers that the
    person named; ``interactive``: somebody can be asked. ``trusts`` says of other folders whether
    they are trusted."""

    def __init__(
        self,
        loaded: Callable[[], Loaded],
        launcher: Launcher,
        home: Path,
        cwd: Path,
        env: Mapping[str, str],
        *,
        files: Sequence[Path] = (),
        interactive: bool = False,
        trusts: Callable[[Path], bool] | None = None,
    ) -> None:
        self._loaded, self._launcher = loaded, launcher
        self._trusts = trusts or (lambda folder: loaded().trusted)
        self._home, self._cwd, self._env = home, cwd, env
        self._files, self._interactive = tuple(files), interactive
        self._slashes: dict[tuple[Path, bool], Slash] = {}
        self.auth: Callable[[Declared], Any] | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @cached_property
    def servers(self) -> Servers | None:
        """The MCP servers; None where there is none."""
        if not self._has_servers:
            return None
        from ion_core.mcp.servers import Servers  # start-up: few folders have any
        from ion_core.serving import Serving

        serving = Serving(
            self._launcher,
            self._home,
            self._cwd,
            self._env,
            interactive=self._interactive,
            auth=self.auth,
            spawn=self._spawn,
        )
        return Servers(self.declared(), serving.server)

    @property
    def warnings(self) -> Sequence[str]:
        """What people should know of servers that cannot be used."""
        if self.servers is None:
            return ()
        broken = (one for one in self.servers.declared if one.problem)
        return tuple(f"MCP server {one.name} ({one.source}): {one.problem}" for one in broken)

    def origins(self) -> Origins:
        """Where in the configuration servers and hooks stand. Reads its files."""
        from ion_core.config.origins import Origins  # start-up: for lists that people read

        return Origins(self._loaded().places)

    def declared(self) -> tuple[Declared, ...]:
        """Every server as it was written down, also those that are not used."""
        from ion_core.mcp.declared import declared  # start-up: as above

        loaded = self._loaded()
        return declared(
            loaded.settings,
            loaded.places.project,
            trusted=loaded.trusted,
            env=self._env,
            more=self._files,
        )

    def catalogues(self, cwd: Path, trusted: bool) -> Sequence[Catalogue]:
        """What models are told of beforehand in a session that works in ``cwd``."""
        of_servers = () if self.servers is None else (self.servers.catalogue,)
        places = [place for place in self._ladder(cwd, trusted).rungs("skills", OTHERS)]
        of_skills = (self.slash(cwd, trusted).skills.catalogue,) if places else ()
        known = self._ladder(cwd, trusted)
        has_agents = any(
            known.rungs(kind, (*OTHERS, ".opencode"), "opencode") for kind in ("agents", "agent")
        )
        of_agents = (self.agents(cwd, trusted).catalogue,) if has_agents else ()
        return (*of_servers, *of_skills, *of_agents)

    def agents(self, cwd: Path, trusted: bool) -> ProfileShelf:
        """The kinds of agents in a folder."""
        from ion_core.profiles.shelf import ProfileShelf  # start-up: few sessions start any

        review = self._loaded().settings.agents.review_model
        return ProfileShelf(self._ladder(cwd, trusted), review)

    @cached_property
    def hooks(self) -> Hooks | None:
        """The hooks of the configuration, and of a trusted project's Claude settings; None where
        there are none."""
        loaded = self._loaded()
        project, settings = loaded.places.project, loaded.settings
        claude = loaded.trusted and settings.claude_compat
        there = claude and any(os.path.exists(project / name) for name in CLAUDE_SETTINGS)
        if not (settings.hooks or there):
            return None
        from ion_core.hooks.runner import Runner  # start-up: few folders have any
        from ion_core.hooks.spec import specs

        found = specs(settings.hooks, project, claude=there)
        call = self._call_tool
        kept = self._home / "cache" / "spill"
        parts = found, self._launcher, str(project), self._env, self._spawn, call
        return Runner(*parts, lambda session: kept / session)

    async def _call_tool(self, server: str, tool: str, arguments: dict[str, Any]) -> str:
        from ion_core.serving import called  # start-up: few hooks call any

        return await called(self.servers, server, tool, arguments, self._cwd)

    async def occurs(self, event: str, matched: str = "", **fields: object) -> Verdict | None:
        """Tell hooks of something that belongs to no session; what they say, None where there is
        none for it."""
        if self.hooks is None or not self.hooks.wants(event):
            return None
        from ion_core.hooks.base import Occasion, Scene  # start-up: few folders have any

        scene = Scene(session="", cwd=str(self._cwd), mode=self._loaded().settings.mode)
        occasion = Occasion(event=event, scene=scene, matched=matched, fields=dict(fields))
        return await self.hooks.run(occasion)

    async def config_changes(self, source: str, file: str) -> str:
        """See ``InForce.may_change``."""
        found = await self.occurs("ConfigChange", source, source=source, file_path=file)
        return (found.reason or "a hook said no.") if found and found.decision == "deny" else ""

    def slash(self, cwd: Path, trusted: bool) -> Slash:
        """What prompts in a folder may stand for."""
        if (cwd, trusted) not in self._slashes:
            from ion_core.slash import Slash  # start-up: few prompts begin so

            cache = self._home / "cache" / "skills"
            known = self._ladder(cwd, trusted)
            self._slashes[cwd, trusted] = Slash(known, cache, self._skill_settings, self._at_hand)
        return self._slashes[cwd, trusted]

    def read_before(self, cwd: Path, trusted: bool, names: Sequence[str]) -> list[str]:
        """Skills as an agent has them from the start; those that are not there are left out.
        Blocking."""
        if not names:
            return []
        slash = self.slash(cwd, trusted)
        found = (slash.skills.find(name) for name in names)
        return [slash.opened(skill, "").text for skill in found if skill is not None]

    def expanding(self, cwd: Path, trusted: bool) -> Expand:
        """What finds out what the prompts of a session stand for."""

        async def expand(text: str) -> Expanded | None:
            return await self.slash(cwd, trusted).expand(text)

        return expand

    @property
    def resource(self) -> Resource | None:
        """What reads the resources of servers; None where there is none."""
        if self.servers is None:
            return None
        from ion_core.mcp.servers import read_resource  # start-up: few folders have any

        return partial(read_resource, self.servers)

    @property
    def skills(self) -> SkillsAtHand:
        """The skills that models may call for."""
        from ion_core.slash import SkillsAtHand  # start-up: few sessions call for one

        return SkillsAtHand(lambda cwd: self.slash(cwd, self._trusts(cwd)))

    def _skill_settings(self) -> SkillSettings:
        return self._loaded().settings.skills

    def _at_hand(self) -> Servers | None:
        return self.servers

    def _ladder(self, cwd: Path, trusted: bool) -> Ladder:
        compat = self._loaded().settings.claude_compat
        return ladder(cwd, self._home, self._env, trusted=trusted, compat=compat)

    def wake(self) -> None:
        """Begin what takes its time and nothing waits for: the servers are connected."""
        if self.servers is not None:
            self.servers.start()

    async def aclose(self) -> None:
        """End what runs; nothing of it outlives this by more than a second or two."""
        if "servers" in self.__dict__ and self.servers is not None:
            await self.servers.aclose()

    @property
    def _has_servers(self) -> bool:
        loaded = self._loaded()
        settings = loaded.settings
        if settings.mcp_servers or self._files:
            return True
        obeyed = loaded.trusted and settings.claude_compat
        return obeyed and os.path.exists(loaded.places.project / ".mcp.json")

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task of nobody's group: a server that fails must not take the sessions with it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def extensions_of(cwd: Path, home: Path, env: Mapping[str, str]) -> Extensions:
    """What extends ion in a folder, for whoever has no runtime. Raises ``ConfigError``."""
    from ion_core.config.load import load  # start-up: runtimes have loaded it
    from ion_core.confined import ConfinedLauncher

    loaded = load(cwd, home=home, env=env)
    launcher = ConfinedLauncher(loaded.settings.sandbox, home, env)
    return Extensions(lambda: loaded, launcher, home, cwd, env)
