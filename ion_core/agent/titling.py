"""A title in a few words, asked of a small model when the first turn of a session is over.

It is a wish of nobody's: it delays nothing, says nothing when it fails, and never replaces a title
that a person gave. What it costs is recorded under the purpose ``title``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from ion_core.agent.budget import Bounds
from ion_core.agent.journal import Journal
from ion_core.agent.models import Choice, Resolve
from ion_core.bus import Lagged, Subscription
from ion_core.errors import IonError, ProviderError, QuotaExceeded, Unauthorised
from ion_core.events import SessionChanged, TurnEnded
from ion_core.messages import Message, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import ModelInfo, Request
from ion_core.sessions.base import Change, SessionStore, Spend
from ion_core.sessions.wording import title_of
from ion_core.usage import Usage, cost

LIMIT_S = 20.0
OUTPUT = 64
"""Tokens of the answer, at most."""
SHOWN = 2_000
"""Characters of the question and of the answer that the model is shown."""

SYSTEM = (
    "Give the conversation a title of three to six words, in its own language, that says what is "
    "to be done. Answer with the title alone: no quotes, no full stop."
)

SmallModels: TypeAlias = Callable[[str], Sequence[str]]
"""From the session's own model to those that may name it, the best first. Blocking."""


class Titling:
    """Names one new session. ``refused`` are models that cannot be asked; it is shared."""

    def __init__(
        self,
        journal: Journal,
        store: SessionStore,
        resolve: Resolve,
        small: SmallModels,
        bounds: Bounds,
        refused: set[str],
    ) -> None:
        self._journal, self._store = journal, store
        self._resolve, self._small = resolve, small
        self._bounds, self._refused = bounds, refused

    async def watch(self) -> None:
        """Wait for the first turn's end, then name the session; end when it is closed."""
        reading = self._journal.bus.subscribe()[1]
        if not await self._answered(reading):
            return
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._closed()), group.create_task(self._entitle())]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in tasks:
                task.cancel()

    async def _answered(self, reading: Subscription) -> bool:
        """Whether a turn ended with an answer; False when the session was closed before."""
        while True:
            try:
                events = await reading.batch()
            except Lagged:
                reading = self._journal.bus.subscribe()[1]
                continue
            if not events:
                return False
            if any(isinstance(each.event, TurnEnded) for each in events) and self._said():
                reading.close()
                return True

    async def _closed(self) -> None:
        """Wait for the end of the session, hearing nothing else."""
        reading = self._journal.bus.subscribe()[1]
        while not reading.closed:
            with suppress(Lagged):
                await reading.batch()
            if reading.lagged:
                reading = self._journal.bus.subscribe()[1]

    async def _entitle(self) -> None:
        with suppress(IonError, TimeoutError):
            if self._is_spent() or (await self._journal.refresh()).title_source == "user":
                return
            async with asyncio.timeout(LIMIT_S):
                title = await self._asked()
            if title:
                named = Change(title=title, title_source="auto")
                await self._store.commit(self._journal.session, named)
                info = await self._journal.refresh()
                await self._journal.emit(SessionChanged(title=info.title))

    async def _asked(self) -> str:
        """The title by the first model that can be asked; empty when none can."""
        own = self._journal.bus.view.model
        for ref in await asyncio.to_thread(self._small, own):
            if ref in self._refused:
                continue
            try:
                return await self._ask(await self._resolve(ref))
            except ProviderError as error:
                if error.retryable or isinstance(error, Unauthorised | QuotaExceeded):
                    raise
                self._refused.add(ref)
        return ""

    async def _ask(self, choice: Choice) -> str:
        model, assembly = choice.model, Assembly()
        request = Request(
            model=model.id,
            system=SYSTEM,
            messages=(user(self._conversation()),),
            max_output=OUTPUT,
            effort=choice.effort or next(iter(model.efforts), ""),
        )
        async with choice.provider.stream(request) as chunks:
            async for chunk in chunks:
                assembly.add(chunk)
        if assembly.finished is not None and assembly.finished.usage is not None:
            await self._pay(model, assembly.finished.usage, assembly.finished.cost_nano)
        return _plain(assembly.message(choice.provider.origin(model.id)).text)

    async def _pay(self, model: ModelInfo, usage: Usage, charged: int | None) -> None:
        paid = cost(usage, model.price) if charged is None else charged
        spend = Spend(
            purpose="title", provider=model.provider, model=model.id, usage=usage, cost_nano=paid
        )
        await self._store.commit(self._journal.session, spend)

    def _conversation(self) -> str:
        said = self._said()
        return "\n\n".join(f"<{role}>\n{said[role][:SHOWN]}\n</{role}>" for role in said)

    def _said(self) -> dict[str, str]:
        """The first question and the last answer; nothing while there is no answer."""
        said: dict[str, str] = {}
        for entry in self._journal.bus.view.entries:
            body = entry.body
            if isinstance(body, Message) and body.text and body.role != "tool":
                said[body.role] = said.get("user", body.text) if body.role == "user" else body.text
        return said if len(said) == 2 else {}

    def _is_spent(self) -> bool:
        """Whether nothing more may be paid for."""
        view = self._journal.bus.view
        return any(
            0 < limits.cost_nano <= view.cost_nano or 0 < limits.tokens <= view.usage.total
            for limits in (self._bounds.run, self._bounds.session)
        )


def _plain(text: str) -> str:
    """A title without the ornaments that models give it."""
    line = next((line for line in text.splitlines() if line.strip()), "")
    line = line.strip().removeprefix("Title:").strip("#*_`\"'“”«»„ \t").rstrip(".")
    return title_of("".join(char for char in line if char.isprintable()))
