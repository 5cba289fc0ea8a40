"""The next request of a session, and about how many tokens it has."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from ion_core.agent.gauge import Gauge
from ion_core.agent.journal import Journal
from ion_core.agent.models import Choice
from ion_core.context.projector import answer_limit, project
from ion_core.entries import Entry
from ion_core.providers.base import Request, ToolSpec


class Drafting:
    """``system`` is the session's prompt, ``tools`` what a model is told of tools."""

    def __init__(
        self,
        journal: Journal,
        gauge: Gauge,
        system: str,
        tools: Callable[[Sequence[Entry]], tuple[ToolSpec, ...]],
    ) -> None:
        self._journal, self._gauge = journal, gauge
        self._system, self._tools = system, tools

    async def request(self, choice: Choice) -> tuple[Request, int]:
        """The request that goes on from the head, for the model of ``choice``."""
        entries = self._journal.bus.view.entries
        request = project(
            entries,
            system=self._system,
            tools=self._tools(entries),
            model=choice.model,
            effort=choice.effort,
            cache_key=self._journal.session,
        )
        prompt = await self._gauge.foretell(request, entries, choice.model)
        limit = answer_limit(choice.model, choice.effort, prompt)
        return replace(request, max_output=limit), prompt
