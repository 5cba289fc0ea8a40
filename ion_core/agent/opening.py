"""What stands behind a prompt from the start: the instructions that hold, and what it refers to.

What is mentioned is read by the tools that models use, by their rules and within their limits, but
for one thing: a path or an address that the person typed is not asked about.
"""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TypeAlias

from ion_core.agent.dispatch import Dispatch
from ion_core.agent.expanding import Expand, Expanded, Expanding, entry_of
from ion_core.agent.hooking import Hooking
from ion_core.agent.instructing import Catalogue, Instructing
from ion_core.agent.journal import Journal
from ion_core.context.grounds import Grounds
from ion_core.entries import Attachment
from ion_core.errors import IonError
from ion_core.events import Notice
from ion_core.messages import ToolCall
from ion_core.sessions.base import Append

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
        hooking: Hooking | None = None,
        resource: Resource | None = None,
    ) -> None:
        self._resource = resource
        self._hooking = hooking
        self._expanding = Expanding(expand, dispatch)
        self._journal, self._dispatch, self._cwd = journal, dispatch, cwd
        self.instructing = Instructing(journal, grounds, catalogues)
        if hooking is not None and hooking.wants("InstructionsLoaded"):
            self.instructing.loaded = hooking.loaded
        self._unread: list[str] = []
        self.model = ""

    async def behind(self, text: str) -> tuple[Append, ...]:
        """What to append behind a prompt, in the same commit; then :meth:`tell`. Raises
        ``IonError`` for a command that is known and cannot be used."""
        news: tuple[Append, ...] = ()
        if self._hooking is not None:
            news = tuple(await self._hooking.prompt(text))
        news = (*await self.instructing.news(), *news)
        stands_for = await self._expanding.run(text)
        self._dispatch.gate.scope = stands_for.scope if stands_for else None
        self.model = stands_for.model if stands_for else ""
        said = text
        if stands_for is not None:
            news = (*news, Append(body=entry_of(stands_for)), *await self._heard(stands_for))
            said = f"{text}\n{stands_for.text}" if stands_for.what == "command" else text
        return (*news, *await self._attached(said)) if "@" in said else news

    async def _heard(self, found: Expanded) -> list[Append]:
        if self._hooking is None:
            return []
        return await self._hooking.expanded(found.name, found.args, found.text)

    async def touch(self, calls: Sequence[ToolCall]) -> None:
        """See ``Instructing.touch``."""
        await self.instructing.touch(calls)

    async def tell(self) -> None:
        """Say what could not be read."""
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
