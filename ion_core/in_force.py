"""The settings in force for work in one folder, and who follows them when they change.

A folder that is not trusted has no say in them, and no more than READ mode.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ion_core.config.load import Loaded, load
from ion_core.config.schema import Settings
from ion_core.config.trust import standing
from ion_core.errors import ConfigError

if TYPE_CHECKING:
    from ion_core.tools.web_search import Engine


class InForce:
    """``home`` is ion's own folder. ``trusted`` is for ``cwd`` and this run alone; None: as the
    person decided before. ``followers`` are told of every change."""

    def __init__(
        self,
        cwd: Path,
        home: Path,
        env: Mapping[str, str],
        flags: Mapping[str, Any],
        trusted: bool | None = None,
    ) -> None:
        self._cwd, self._home, self._env, self._flags = cwd, home, env, dict(flags)
        self._trusted = trusted
        self.followers: list[Callable[[Settings], None]] = []
        self.may_change: Callable[[str, str], Awaitable[str]] | None = None
        self.loaded: Loaded = self._load()

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    def trusts(self, cwd: Path) -> bool:
        """Whether a session may do more in a folder than READ."""
        return self.loaded.trusted if cwd == self._cwd else standing(cwd, self._home).trusted

    def engine(self) -> Engine:
        """Who searches the web."""
        from ion_core.tools.web_search import Engine  # start-up: few sessions search it

        web = self.settings.web
        key = self._env.get(web.api_key_env or f"{web.search.upper()}_API_KEY", "")
        return Engine(name=web.search, url=web.search_url, key=key)

    async def reload(self, source: str = "user_settings") -> None:
        """Obey the settings as their files stand. Raises ``ConfigError`` with nothing changed, also
        where ``may_change`` says, of the source and its file, why they may not."""
        loaded = await asyncio.to_thread(self._load)
        if self.may_change is not None:
            file = str(loaded.places.user_file)
            if why := await self.may_change(source, file):
                raise ConfigError(f"The settings were not changed: {why}")
        self.loaded = loaded
        for follow in self.followers:
            follow(self.settings)

    async def write(self, key: str, value: object) -> None:
        """Write a user's setting and obey it at once. Raises ``ConfigError``."""
        import msgspec  # start-up: here and below, few runs write any

        from ion_core.config.edit import set_setting

        written = msgspec.json.encode(value).decode()
        where = self.loaded.places
        await asyncio.to_thread(set_setting, where, "user", key, written, self._env)
        await self.reload()

    def _load(self) -> Loaded:
        found = load(
            self._cwd, home=self._home, flags=self._flags, env=self._env, trusted=self._trusted
        )
        self._trusted = found.trusted
        if found.trusted:
            return found
        return found._replace(settings=replace(found.settings, mode="read"))
