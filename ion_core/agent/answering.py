"""Which model answers a session: found before it is first asked, and chosen anew by the person."""

from __future__ import annotations

from ion_core.agent.journal import Journal
from ion_core.agent.models import Choice, Resolve
from ion_core.entries import ModelChange
from ion_core.errors import IonError
from ion_core.events import Notice, SessionChanged
from ion_core.sessions.base import Append, Change


class Answering:
    """``choice`` is None before anybody asked for one."""

    def __init__(self, journal: Journal, resolve: Resolve) -> None:
        self._journal, self._resolve = journal, resolve
        self.choice: Choice | None = None

    async def prepare(self) -> Choice:
        """Find the model that will answer and say so. Raises like ``Resolve``."""
        known = self.choice
        self.choice = choice = await self._resolve(known.ref if known else self._journal.info.model)
        if known is None:
            await self._chosen(choice)
        return choice

    async def lend(self, ref: str) -> Choice:
        """Who answers the next turn: the model of that name for this once, or, where that is not to
        be had, the session's own. Raises like ``Resolve``."""
        own = await self.prepare()
        if not ref or ref == own.ref:
            return own
        try:
            return await self._resolve(ref)
        except IonError as error:
            text = f"{ref} was asked for and is not to be had ({error}) {own.ref} answers."
            await self._journal.emit(Notice(level="warning", text=text))
            return own

    async def choose(self, ref: str) -> None:
        """Answer with another model from now on. Raises like ``Resolve``."""
        self.choice = choice = await self._resolve(ref)
        if self._journal.created and choice.ref != self._journal.bus.view.model:
            await self._journal.record(Append(body=ModelChange(model=choice.ref)))
        await self._chosen(choice)

    async def tell(self, choice: Choice) -> None:
        """Say who answers, and how much it can read."""
        await self._journal.emit(SessionChanged(model=choice.ref, window=choice.model.window))

    async def _chosen(self, choice: Choice) -> None:
        """Keep and tell who answers, and what a person should know of it."""
        model = choice.model
        await self._journal.change(Change(model=choice.ref))
        await self.tell(choice)
        if model.deprecated:
            instead = f" Use {model.provider}/{model.successor}." if model.successor else ""
            text = f"{model.ref} is deprecated by its maker.{instead}"
            await self._journal.emit(Notice(level="warning", text=text))
