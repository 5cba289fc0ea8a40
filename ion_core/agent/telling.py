"""How hooks are told of what happens in one session: where it is, and the conversation so far."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from msgspec import Struct

from ion_core.agent.journal import Journal
from ion_core.agent.unhooked import Unhooked
from ion_core.errors import HookStop
from ion_core.events import Notice
from ion_core.hooks.base import SILENT, AskModel, Hooks, Occasion, Scene, Verdict


class Identity(Struct, frozen=True, kw_only=True):
    """Whose session it is: empty for a person's, else the kind of a subagent."""

    agent: str = ""
    effort: str = ""


class Telling(Unhooked):
    """Of one session, which works in ``cwd``. ``transcripts`` is where conversations are put for
    hooks that read them."""

    def __init__(
        self,
        hooks: Hooks,
        journal: Journal,
        cwd: Path,
        transcripts: Path | None = None,
        identity: Identity | None = None,
    ) -> None:
        self._hooks, self._journal, self._cwd = hooks, journal, cwd
        self._transcripts, self._identity = transcripts, identity or Identity()
        self._halt: str | None = None
        self.ask_model: AskModel | None = None
        self._blocks, self._has_begun = 0, False

    def wants(self, event: str) -> bool:
        """Whether any hook is for an event."""
        return self._hooks.wants(event)

    async def ask(self, event: str, matched: str = "", gist: str = "", /, **fields: Any) -> Verdict:
        """What hooks say of an occasion. What they have to say to the person is told."""
        if not self._hooks.wants(event):
            return SILENT
        scene = await self._scene()
        occasion = Occasion(
            event=event, scene=scene, matched=matched, fields=fields, gist=gist, ask=self.ask_model
        )
        found = await self._hooks.run(occasion)
        for text in found.messages:
            await self._journal.emit(Notice(level="warning", text=text))
        if found.stop is not None:
            self._halt = found.stop
        return found

    def check(self) -> None:
        """Raises ``HookStop`` when a hook wanted that nothing goes on."""
        if self._halt is not None:
            halt, self._halt = self._halt, None
            raise HookStop(halt)

    async def _scene(self) -> Scene:
        view = self._journal.bus.view
        identity = self._identity
        return Scene(
            session=self._journal.session,
            cwd=str(self._cwd),
            mode=view.mode,
            effort=identity.effort,
            transcript=await self._transcript(),
            agent_id=self._journal.session if identity.agent else "",
            agent=identity.agent,
        )

    async def _transcript(self) -> str:
        if self._transcripts is None:
            return ""
        from ion_core.hooks.transcript import write  # start-up: hooks alone read it

        view = self._journal.bus.view
        path = self._transcripts / f"{self._journal.session}.jsonl"
        await asyncio.to_thread(
            write, path, self._journal.session, str(self._cwd), tuple(view.entries)
        )
        return str(path)
