"""What stands behind a prompt from the start: the instructions that hold, and what it refers to.

What is mentioned is read by the tools that models use, by their rules and within their limits, but
for one thing: a path or an address that the person typed is not asked about.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from ion_core.agent.dispatch import Dispatch
from ion_core.agent.instructing import Catalogue, Instructing
from ion_core.agent.journal import Journal
from ion_core.agent.unhooked import Unhooked
from ion_core.context.grounds import Grounds
from ion_core.entries import Attachment
from ion_core.errors import IonError
from ion_core.events import Notice
from ion_core.ids import CallId
from ion_core.messages import ToolCall
from ion_core.sessions.base import Append

if TYPE_CHECKING:
    from ion_core.agent.expanding import Expand, Expanded

_RESOURCE = r"(?<![\w@/.`])@([\w-]+:[a-z][\w+.-]*://[^\s\"`]*[^\s\"`.,;:!?)\]}>'])"

Resource: TypeAlias = Callable[[str, Path], Awaitable[str]]
"""What ``server:uri`` says; too long, the rest is in the file. Raises ``IonError``."""


class Opening:
    """Of the prompts of one session, which works in ``cwd``. ``model`` is who the last one wanted
    to be answered by, empty: whoever answers."""

    def __init__(
        self,
        journal: Journal,
        grounds: Grounds | None,
        dispatch: Dispatch,
        cwd: Path,
        catalogues: Sequence[Catalogue] = (),
        expand: Expand | None = None,
        hooking: Unhooked | None = None,
        resource: Resource | None = None,
    ) -> None:
        self._resource = resource
        self._hooking = hooking or Unhooked()
        self._expand = expand
        self._journal, self._dispatch, self._cwd = journal, dispatch, cwd
        self.instructing = Instructing(journal, grounds, catalogues)
        if self._hooking.wants("InstructionsLoaded"):
            self.instructing.loaded = self._hooking.loaded
        self._unread: list[str] = []
        self._brought: set[str] = set()
        self._reached: list[ToolCall] = []
        self.model = ""

    def bring(self, text: str) -> None:
        """A part of prompts that no person typed, such as what a pipe or a model says: whatever it
        mentions is not read."""
        self._brought.add(text)

    async def behind(self, text: str) -> tuple[Append, ...]:
        """What to append behind a prompt, in the same commit; then :meth:`tell`. Raises
        ``IonError`` for a command that is known and cannot be used."""
        heard = await self._hooking.prompt(text)
        news = (*await self.instructing.news(), *heard)
        said = self._typed(text)
        found = await self._expanded(text) if text.startswith("/") else None
        self._dispatch.carry_out(found.scope if found else None)
        self.model = found.model(self._journal.bus.view.model) if found else ""
        if found is not None:
            said = self._typed(f"{text}\n{found.typed}")
            found = await found.filled(self._dispatch)
            heard = await self._hooking.expanded(found.name, found.args, found.text)
            news = (*news, Append(body=found.entry), *heard)
        return (*news, *await self._attached(said)) if "@" in said else news

    def _typed(self, text: str) -> str:
        for brought in self._brought:
            text = text.replace(brought, "")
        return text

    async def _expanded(self, text: str) -> Expanded | None:
        return await self._expand(text) if self._expand is not None else None

    async def touch(self, calls: Sequence[ToolCall]) -> None:
        """See ``Instructing.touch``."""
        await self.instructing.touch(calls)

    async def tell(self) -> None:
        """Say what could not be read, and what holds where mentions lead."""
        reached, self._reached = self._reached, []
        if reached:
            await self.instructing.touch(reached)
        await self.instructing.tell()
        for news in self._unread:
            await self._journal.emit(Notice(level="warning", text=news))
        self._unread = []

    async def _attached(self, text: str) -> list[Append]:
        from ion_core.context.mentions import mentions  # start-up: few prompts mention anything

        made: list[Append] = []
        for mention in mentions(text, lambda path: os.path.lexists(self._place(path))):
            folder = not mention.is_url and os.path.isdir(self._place(mention.path))
            outcome = await self._dispatch.look(*mention.asked(is_folder=folder))
            if not mention.is_url:
                path = {"path": mention.path}
                self._reached.append(ToolCall(id=CallId(""), name="read", arguments=path))
            if outcome.status == "ok":
                attached = Attachment(
                    source=mention.source, text=outcome.content, images=outcome.images
                )
                made.append(Append(body=attached))
            else:
                self._unread.append(f"@{mention.source} was not attached: {outcome.content}")
        return [*made, *await self._resources(text)]

    async def _resources(self, text: str) -> list[Append]:
        """What ``@server:uri`` names, of the MCP servers."""
        if self._resource is None:
            return []
        made: list[Append] = []
        for source in dict.fromkeys(re.findall(_RESOURCE, text)):
            try:
                said = await self._resource(source, self._dispatch.spill(f"resource_{len(made)}"))
            except IonError as error:
                self._unread.append(f"@{source} was not attached: {error}")
            else:
                made.append(Append(body=Attachment(source=source, text=said)))
        return made

    def _place(self, path: str) -> str:
        return os.path.join(self._cwd, os.path.expanduser(path))
