"""Sessions to and from files: ``/export`` and ``/import``, as ``ion sessions`` does it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

from ion_core.errors import ConfigError, StoreError
from ion_core.ids import SessionId
from ion_tui import acts, choosing
from ion_tui.fuzzy import matching
from ion_tui.offer import Outcome
from ion_tui.phrases import one_line
from ion_tui.place import folder_name
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ion_core.runtime import Runtime
    from ion_core.sessions.moving.outlet import Outlet
    from ion_tui.screens.main import MainScreen

FORMATS = {
    "md": "one branch, to be read",
    "html": "all branches on one page, for a browser; it needs no network",
    "jsonl": "all of it, for import",
}
ENDINGS = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".jsonl": "jsonl"}
LONGEST_NAME = 48
HEAD_BYTES = 64 * 1024
"""By these a file is recognised."""


class Formats:
    """An ``Offer``: the formats, each with the file that it would be; or the path that is typed."""

    context = columns = aside = note = ""
    title, foot = "Export", "type a path to write it elsewhere"

    def __init__(self, folder: Path, name: str) -> None:
        self._rows = [
            Choice(value=(form, free_path(folder, name, form)), name=form, detail=words)
            for form, words in FORMATS.items()
        ]
        self._folder = folder

    def rows(self, text: str) -> Sequence[Choice]:
        """Those that fit, and a path."""
        found = matching(self._rows, text)
        path = path_of(text, self._folder)
        form = ENDINGS.get(path.suffix.lower(), "") if text.strip() else ""
        typed = Choice(value=(form, path), name=one_line(str(path)), detail=form)
        return [typed] if form else found

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """There are no keys of its own."""
        return ""


def path_of(text: str, folder: Path) -> Path:
    """A path that somebody typed; it begins at ``folder``."""
    return folder / Path(text.strip()).expanduser()


def free_path(folder: Path, title: str, form: str) -> Path:
    """A file of that format that is not there yet, named after a title."""
    words = re.sub(r"[^\w]+", "-", title.lower()).strip("-_")[:LONGEST_NAME].rstrip("-")
    stem = words or "session"
    names = (f"{stem}{'' if n == 1 else f'-{n}'}.{form}" for n in count(1))
    return next(folder / name for name in names if not (folder / name).exists())


async def pick_format(screen: MainScreen, session: str) -> None:
    """Ask for the format, then write the file."""
    runtime = await screen.ion.runtime()
    info = await runtime.store.info(SessionId(session))
    offer = Formats(screen.ion.folder, info.title or info.preview)
    choice = await choosing.pick(screen, offer, placeholder="Format, or a path")
    if choice is not None:
        await _write(screen, info.id, *choice.value)


async def export(screen: MainScreen, argument: str) -> None:
    """``/export [FORMAT] [PATH]`` of the session on screen; with neither, a list."""
    if screen.view is None or not screen.view.entries:
        screen.say("There is nothing to export yet.", "warning")
        return
    first, _, rest = argument.partition(" ")
    form, rest = (first, rest.strip()) if first in FORMATS else ("", argument)
    if not argument:
        await pick_format(screen, screen.view.session)
        return
    folder = screen.ion.folder
    path = path_of(rest, folder) if rest else free_path(folder, screen.view.title, form)
    form = form or ENDINGS.get(path.suffix.lower(), "")
    if form:
        await _write(screen, screen.view.session, form, path)
    else:
        screen.say(f"Say which format: /export {' | '.join(FORMATS)} [PATH].", "warning")


async def _write(screen: MainScreen, session: SessionId, form: str, path: Path) -> None:
    runtime = await screen.ion.runtime()
    try:
        entries = await written(runtime, session, form, path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    screen.say(f"Wrote {entries} entries to {folder_name(path, Path.home())}.")


async def written(runtime: Runtime, session: SessionId, form: str, path: Path) -> int:
    """Export a session to a new file; how many entries are in it. Raises ``ConfigError`` for a file
    that is there already, ``StoreError`` and ``OSError``."""
    from ion_core.sessions.blobs import Blobs
    from ion_core.sessions.moving.html_page import HtmlPage
    from ion_core.sessions.moving.jsonl import Jsonl
    from ion_core.sessions.moving.markdown import Markdown
    from ion_core.sessions.moving.reading import Departure

    departure, blobs = Departure(runtime.store, session), Blobs(runtime.home / "blobs")
    async with _outlet(path) as outlet:
        made: Markdown | HtmlPage | Jsonl
        match form:
            case "md":
                made = Markdown(departure)
            case "html":
                made = HtmlPage(departure, blobs)
            case _:
                made = Jsonl(departure, blobs, beside=outlet.beside)
        async for chunk in made.chunks():
            outlet.write(chunk)
            await asyncio.sleep(0)  # a long session is many chunks: keys come between them
    return made.entries


@asynccontextmanager
async def _outlet(path: Path) -> AsyncIterator[Outlet]:
    """The file in the making; waiting for the disk blocks nobody."""
    from ion_core.sessions.moving.outlet import Outlet

    outlet = Outlet(path)
    await asyncio.to_thread(outlet.__enter__)
    try:
        yield outlet
    except BaseException as error:
        outlet.__exit__(type(error), error, error.__traceback__)
        raise
    await asyncio.to_thread(outlet.__exit__, None, None, None)


async def take(screen: MainScreen, argument: str) -> None:
    """``/import PATH``: take a session from a file, and show it."""
    if not argument:
        screen.say("Say which file: /import PATH.", "warning")
        return
    runtime, path = await screen.ion.runtime(), path_of(argument, screen.ion.folder)
    screen.say(f"Importing {folder_name(path, Path.home())} …")
    try:
        session, said = await taken(runtime, path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    screen.ion.refresh_sessions()
    await acts.show_session(screen, session)
    screen.say(said)


async def taken(runtime: Runtime, path: Path) -> tuple[str, str]:
    """Import a file of ion or of another agent: the last session in it, and a sentence about it.
    Raises ``StoreError`` and ``OSError``."""
    from ion_core.sessions.blobs import Blobs
    from ion_core.sessions.importers.recognised import FORMATS as OTHERS
    from ion_core.sessions.importers.recognised import recognised as foreign
    from ion_core.sessions.importers.take_in import take_in as take_foreign
    from ion_core.sessions.moving.arrival import recognised, take_in

    blobs = Blobs(runtime.home / "blobs")
    if recognised(await asyncio.to_thread(_head, path)):
        arrived = await take_in(runtime.store, blobs, path, runtime.cwd)
        return arrived.session, _sentence(arrived.entries, arrived.skipped, "")
    importer = await asyncio.to_thread(foreign, path)
    if importer is None:
        known = ", ".join(each.name for each in OTHERS)
        raise StoreError(f"{path} is no export of ion and none of {known}.")
    found = await take_foreign(runtime.store, blobs, path, importer, runtime.cwd)
    return found.sessions[-1], _sentence(found.entries, found.skipped, importer.name)


def _head(path: Path) -> bytes:
    with path.open("rb") as data:
        return data.read(HEAD_BYTES)


def _sentence(entries: int, skipped: int, by: str) -> str:
    bad = f" {skipped} lines could not be read." if skipped else ""
    return f"Imported {entries} entries{f' of {by}' if by else ''}.{bad}"
