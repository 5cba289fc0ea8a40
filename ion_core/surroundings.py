"""What is around a session for whoever writes its prompts: files to mention, names to call."""

from __future__ import annotations

import asyncio
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ion_core.confined import ConfinedLauncher
from ion_core.extensions import Extensions
from ion_core.in_force import InForce

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_core.profiles.model import Profile
    from ion_core.slash import Offer, Slash

MOST_FILES: Final = 50_000
"""Files that are listed; what lies behind them by path is not offered."""


class Surroundings:
    """The part of a runtime that knows."""

    cwd: Path
    extensions: Extensions
    launcher: ConfinedLauncher
    _in_force: InForce

    def wake(self) -> None:
        """Begin what takes its time and nothing waits for, once what matters is on its way."""
        self.extensions.wake()

    async def offers(self, session: Session | None) -> list[Offer]:
        """What can be called by ``/name`` in a session, or in the runtime's folder; ion's own
        commands are not among it."""
        return await asyncio.to_thread(self.slash(session).offers)

    def slash(self, session: Session | None) -> Slash:
        """The same with what is shadowed and what is broken."""
        cwd = session.cwd if session is not None else self.cwd
        return self.extensions.slash(cwd, self._in_force.trusts(cwd))

    async def profiles(self, session: Session | None) -> list[Profile]:
        """The kinds of agents in a session, the shadowed and the broken ones too."""
        cwd = session.cwd if session is not None else self.cwd
        shelf = self.extensions.agents(cwd, self._in_force.trusts(cwd))
        return await asyncio.to_thread(shelf.profiles)

    async def files(self, session: Session | None) -> list[str]:
        """The files of a session's folder, and the folders that they are in (``src/``), by their
        paths relative to it; without what ``.gitignore`` leaves out. None where they cannot be
        listed."""
        from ion_core.tools.ripgrep import Ripgrep, RipgrepFailed  # start-up: with the first @

        cwd = session.cwd if session is not None else self.cwd
        found: list[str] = []
        listing = Ripgrep(self.launcher).files(cwd)
        try:
            async for path in listing:
                found.append(path)
                if len(found) >= MOST_FILES:
                    break
        except (RipgrepFailed, OSError):
            return []
        finally:
            await listing.aclose()
        return await asyncio.to_thread(_with_folders, found)


def _with_folders(files: list[str]) -> list[str]:
    above = chain.from_iterable(_folders(path) for path in files)
    return sorted({*files, *above})


def _folders(path: str) -> list[str]:
    parts = path.split("/")[:-1]
    return [f"{'/'.join(parts[: n + 1])}/" for n in range(len(parts))]
