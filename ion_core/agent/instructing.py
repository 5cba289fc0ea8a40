"""Keeps what a session was told of instruction files in step with what they say.

What is new or has changed is appended; nothing that a model has read is edited. In a folder
without any such file this costs a few looks at names.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ion_core.agent.journal import Journal
from ion_core.context.grounds import Grounds
from ion_core.entries import Entry, Instructions
from ion_core.events import Notice
from ion_core.messages import ToolCall
from ion_core.sessions.base import Append

Loaded = Callable[[Sequence[Instructions]], Awaitable[None]]
"""Hears of what is told from now on."""

Catalogue = Callable[[], Mapping[str, str]]
"""What a model is told of things it may ask for (skills, agents, servers) before it does: text by
a name of ``LISTS``, none where there is nothing. It is on the way to the first request: a few
``stat`` calls where there is nothing, and nothing slow ever."""

LISTS: Final = frozenset({"skills", "agents", "mcp"})
"""Sources that are no files."""


CHANGING: Final = frozenset({"bash", "write", "edit", "apply_patch", "job", "task"})
"""Tools whose calls may change instruction files."""
MOST_COMMAND: Final = 1_000
"""Characters of a command that are looked through for paths."""


class Instructing:
    """Of one session, by ``grounds`` and ``catalogues``. ``loaded`` is called with what was
    appended."""

    def __init__(
        self, journal: Journal, grounds: Grounds | None, catalogues: Sequence[Catalogue] = ()
    ) -> None:
        self._journal, self._grounds, self._catalogues = journal, grounds, catalogues
        self._warned: set[str] = set()
        self._unsaid: list[str] = []
        self._heard: list[Instructions] = []
        self.loaded: Loaded | None = None

    async def news(self) -> tuple[Append, ...]:
        """What to append behind a prompt: what the files say otherwise than the session was told.
        To be followed by :meth:`tell` once it is committed."""
        known = _known(self._journal.bus.view.entries)
        said = {source: text for each in self._catalogues for source, text in each().items()}
        files = self._grounds.found() if self._grounds else []
        of_files = {source: text for source, text in known.items() if source not in LISTS}
        if self._grounds is not None and (files or of_files):
            said |= await asyncio.to_thread(self._said, self._grounds, files, of_files)
        return self._appends(_differences(known, said))

    async def touch(self, calls: Sequence[ToolCall]) -> None:
        """Append what holds in the folders, below that of the session, that calls reached."""
        if self._grounds is None or not self._grounds.trusted or not self._grounds.names:
            return
        known = _known(self._journal.bus.view.entries)
        told = await asyncio.to_thread(self._nested, self._grounds, list(_paths(calls)), known)
        new = [Instructions(source=source, text=text) for source, text in told.items()]
        if any(call.name in CHANGING for call in calls):
            new += await self._changed(self._grounds, known)
        if new:
            await self._journal.record(*self._appends(new))
        await self.tell()

    async def _changed(self, grounds: Grounds, known: dict[str, str]) -> list[Instructions]:
        """What files that the session was told of say otherwise now, or no more."""
        of_files = {source: text for source, text in known.items() if source not in LISTS}
        if not of_files:
            return []
        said = await asyncio.to_thread(self._said, grounds, grounds.found(), of_files)
        return _differences(of_files, said)

    async def tell(self) -> None:
        """Say to people what of the files is not told to the model."""
        for text in self._unsaid:
            await self._journal.emit(Notice(level="warning", text=text))
        self._unsaid = []
        heard, self._heard = self._heard, []
        if heard and self.loaded is not None:
            await self.loaded(heard)

    def _appends(self, told: Sequence[Instructions]) -> tuple[Append, ...]:
        self._heard += told
        return tuple(Append(body=body) for body in told)

    def _said(self, grounds: Grounds, files: list[Path], known: dict[str, str]) -> dict[str, str]:
        """What the files say that hold now, also those that were touched before."""
        from ion_core.context.instructions import Reader  # start-up: few folders have any

        reader = Reader(grounds)
        said = reader.read(files)
        before = [
            path
            for source in known
            if source not in said and (path := self._touched(grounds, source, files))
        ]
        said |= reader.read(before, None, said)
        self._note(reader.warnings)
        return said

    def _touched(self, grounds: Grounds, source: str, files: list[Path]) -> Path | None:
        """The file behind a source that was told of since a tool had touched its folder, while it
        still holds there; rules with paths among those of the start too."""
        path = grounds.path(source)
        if not grounds.trusted:
            return None
        folder = path.parents[2] if path.parent.name == "rules" else path.parent
        if path in files:
            return path if path.parent.name == "rules" else None
        is_below = folder != grounds.cwd and folder.is_relative_to(grounds.cwd)
        return path if is_below and path in grounds.of(folder) else None

    def _nested(self, grounds: Grounds, paths: list[str], known: dict[str, str]) -> dict[str, str]:
        touched = [path for name in paths if (path := _real(grounds.cwd, name))]
        folders = dict.fromkeys(place for path in touched for place in grounds.below(path))
        files = [file for folder in folders for file in grounds.of(folder)]
        files += [file for file in grounds.found() if file.parent.name == "rules"]
        new = [file for file in dict.fromkeys(files) if grounds.source(file) not in known]
        if not new:
            return {}
        from ion_core.context.instructions import Reader  # start-up: as above

        reader = Reader(grounds)
        said = reader.read(new, touched, known)
        self._note(reader.warnings)
        return said

    def _note(self, warnings: Sequence[str]) -> None:
        self._unsaid += [text for text in warnings if text not in self._warned]
        self._warned.update(warnings)


def _known(entries: Sequence[Entry]) -> dict[str, str]:
    """What the model was told of each file last, but for those that are gone."""
    known: dict[str, str] = {}
    for entry in entries:
        if isinstance(entry.body, Instructions):
            known.pop(entry.body.source, None)
            if entry.body.change != "removed":
                known[entry.body.source] = entry.body.text
    return known


def _differences(known: dict[str, str], said: dict[str, str]) -> list[Instructions]:
    gone = [
        Instructions(source=source, text="", change="removed")
        for source in known
        if source not in said
    ]
    new = [
        Instructions(source=source, text=text, change="changed" if source in known else "loaded")
        for source, text in said.items()
        if known.get(source) != text
    ]
    return gone + new


def _paths(calls: Sequence[ToolCall]) -> Iterator[str]:
    """The paths that calls name, as the models wrote them."""
    for call in calls:
        arguments: dict[str, Any] = call.arguments
        if isinstance(command := arguments.get("command"), str) and call.name == "bash":
            words = re.split(r"""[\s"'`;|&()<>=]+""", command[:MOST_COMMAND])
            yield from dict.fromkeys(word for word in words if word and not word.startswith("-"))
        for name in ("path", "file_path", "cwd"):
            if isinstance(value := arguments.get(name), str) and value:
                yield value
        if isinstance(patch := arguments.get("patch"), str):
            from ion_core.tools.patch_text import touched  # start-up: few calls are patches

            yield from touched(patch)


def _real(cwd: Path, name: str) -> Path | None:
    try:
        return Path(os.path.realpath(cwd / os.path.expanduser(name)))
    except (OSError, ValueError):
        return None
