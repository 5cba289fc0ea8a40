"""The launcher that every child of ion goes through: commands inside a sandbox, ion's own plainly.

What protects is found out at the first command, off the loop. ``auto`` uses what there is and
labels a child that nothing holds; ``required`` refuses to start one; ``off`` is the person's wish.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from msgspec.structs import replace

from ion_core.config.schema import SandboxSettings
from ion_core.tools.launcher import ThreadLauncher
from ion_core.tools.process import Access, Child, Command, Fence

if TYPE_CHECKING:
    from ion_core.sandbox.base import Bounds, Means
    from ion_core.sandbox.proxy import Lead
    from ion_core.sandbox.sandbox import Prepared, Sandbox

OFF = Fence(label="sandbox off")
NONE = Fence(label="no sandbox here")


class ConfinedLauncher:
    """A ``Launcher``. ``home`` is ion's own folder; ``env`` says where the person's is. ``means``
    stand in for what would be found out, ``lead`` for the judge of where a proxy connects to."""

    def __init__(
        self,
        settings: SandboxSettings,
        home: Path,
        env: Mapping[str, str],
        means: Means | None = None,
        lead: Lead | None = None,
    ) -> None:
        self._settings, self._home, self._env, self._given = settings, home, env, means
        self._lead = lead or _public
        self._plain = ThreadLauncher()
        self._threads: dict[object, ThreadLauncher] = {}
        self._sandbox: Sandbox | None = None
        self._finding = asyncio.Lock()

    def obey(self, settings: SandboxSettings) -> None:
        """Start the next child as these settings say."""
        self._settings = settings

    async def means(self) -> Means:
        """What protects on this machine, whatever the settings. Raises ``OSError``."""
        return (await self._found()).means

    async def is_held(self) -> bool:
        """Whether a command that starts now is held by a sandbox."""
        if self._settings.enabled == "off":
            return False
        return (await self.means()).protection != "none"

    async def protection(self) -> Literal["held", "unheld", "off"]:
        """What holds a command that starts now: a sandbox; nothing, for want of one; or nothing by
        the person's wish, which is also said where one is required and nothing would start."""
        if self._settings.enabled == "off":
            return "off"
        if (await self.means()).protection != "none":
            return "held"
        return "off" if self._settings.enabled == "required" else "unheld"

    async def start(self, command: Command) -> Child:
        """A running child. Raises ``OSError`` also when there must be a sandbox and is none."""
        if command.access is None:
            return await self._plain.start(command)
        if command.access.profile == "read" and not await self.is_held():
            raise OSError("What may only read runs inside a sandbox alone, and there is none.")
        if self._settings.enabled == "off":
            return await self._plain.start(command, fence=OFF)
        sandbox = await self._found()
        if sandbox.means.protection == "none":
            return await self._unheld(command, sandbox.means)
        bounds = self.bounds(command.access, command.environment)
        prepared = sandbox.prepare(bounds, command.argv, command.environment)
        return await self._started(command, prepared, sandbox.means)

    async def _found(self) -> Sandbox:
        async with self._finding:
            if self._sandbox is None:
                self._sandbox = await asyncio.to_thread(self._find)
            return self._sandbox

    def _find(self) -> Sandbox:
        from ion_core.sandbox.sandbox import Sandbox  # start-up: the first command needs it

        return Sandbox(self._home, self._given, self._lead)

    async def _unheld(self, command: Command, means: Means) -> Child:
        if self._settings.enabled == "required":
            raise OSError(" ".join(("A sandbox is required, and there is none:", *means.missing)))
        return await self._plain.start(command, fence=NONE)

    def bounds(self, access: Access, environment: Mapping[str, str]) -> Bounds:
        """What a command may touch, with what the settings add."""
        from ion_core.sandbox.base import Bounds  # start-up: the first command needs it

        chosen = self._settings
        home = os.path.realpath(self._env.get("HOME") or os.path.expanduser("~"))
        return Bounds(
            profile=access.profile,
            root=os.path.realpath(access.root),
            home=home,
            own=os.path.realpath(self._home),
            path=tuple(environment.get("PATH", "").split(":")),
            writable=_folders((*access.writable, *chosen.writable), access.root, home),
            readable=_folders(chosen.readable, access.root, home),
            shown=access.readable,
            network="on" if access.online else chosen.network,
            domains=chosen.allow_domains,
            fixed=access.fixed,
        )

    async def _started(self, command: Command, prepared: Prepared, means: Means) -> Child:
        thread = self._threads.get(prepared.thread)
        if thread is None:
            thread = self._threads[prepared.thread] = ThreadLauncher(prepared.enter)
        fence = Fence(
            kept=bool(means.bubblewrap) and means.protection == "full",
            leaky=means.protection == "reduced" or bool(means.seatbelt),
            hint=prepared.hint,
            label="reduced sandbox" if means.protection == "reduced" else "",
            settle=prepared.settled,
        )
        if fence.leaky:
            from ion_core.tools.orphans import adopt  # start-up: a command needs it

            adopt()
        held = replace(command, argv=prepared.argv, environment=prepared.environment)
        try:
            then = None if prepared.opening is None else prepared.opening.release
            inherited = prepared.descriptors
            child = await thread.start(held, inherited=inherited, then=then, fence=fence)
            if prepared.inlet is not None:
                prepared.inlet.serve()
            return child
        except BaseException:
            prepared.settled()
            raise
        finally:
            if prepared.opening is not None:
                prepared.opening.close()

    def close(self) -> None:
        """Let the threads end and remove what was made for the children. None is touched."""
        for thread in (self._plain, *self._threads.values()):
            thread.close()
        if self._sandbox is not None:
            self._sandbox.close()


def _public(url: str) -> tuple[str, ...]:
    """The addresses of a URL, when all of them are public. Raises ``Refused``."""
    from ion_core.policy.urls import UrlRefused, target_of  # start-up: a proxied command needs it
    from ion_core.sandbox.proxy import Refused

    try:
        return target_of(url).addresses
    except UrlRefused as error:
        raise Refused(str(error)) from error


def _folders(paths: tuple[str, ...], root: str, home: str) -> tuple[str, ...]:
    """Folders of the settings as real paths: ``~`` is the person's, others are relative to the
    workspace."""
    meant = (home + path[1:] if path == "~" or path.startswith("~/") else path for path in paths)
    return tuple(os.path.realpath(os.path.join(root, path)) for path in meant)
