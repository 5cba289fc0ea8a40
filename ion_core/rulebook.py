"""The person's permission rules as they hold now: listed with where they stand, kept, forgotten.

Rules are written into the user's own file alone; what a project's files say is theirs.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from ion_core.asking import Proposal
from ion_core.config.paths import Places
from ion_core.config.schema import PermissionRule

if TYPE_CHECKING:
    from ion_core.config.rules import KeptRule


class Rulebook:
    """``places`` are where the settings are now; ``reload`` makes them be obeyed anew."""

    def __init__(
        self,
        places: Callable[[], Places],
        env: Mapping[str, str],
        reload: Callable[[], Awaitable[None]],
    ) -> None:
        self._places, self._env, self._reload = places, env, reload
        self._writing = asyncio.Lock()

    async def rules(self) -> list[KeptRule]:
        """The rules in force by file, the user's own first. Raises ``ConfigError``."""
        from ion_core.config.rules import kept_rules  # start-up: tomlkit, here and below

        return await asyncio.to_thread(kept_rules, self._places())

    async def keep(self, proposal: Proposal) -> None:
        """Allow from now on what a proposal names. Raises ``ConfigError``, with nothing changed."""
        from ion_core.config.rules import add_rule

        rule = PermissionRule(tool=proposal.tool, pattern=proposal.pattern, decision="allow")
        async with self._writing:
            await asyncio.to_thread(add_rule, self._places(), rule, self._env)
            await self._reload()

    async def forget(self, rule: PermissionRule) -> None:
        """Take a rule out of the user's own file. Raises ``ConfigError`` when it is not there."""
        from ion_core.config.rules import drop_rule

        async with self._writing:
            await asyncio.to_thread(drop_rule, self._places(), rule, self._env)
            await self._reload()
