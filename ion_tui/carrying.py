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
from ion_core.exporting import ENDINGS, cleaner, exported
from ion_core.ids import SessionId
from ion_core.sessions.moving.reading import Departure
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
REDACT = "--redact"
LONGEST_NAME = 48
HEAD_BYTES = 64 * 1024
"""By these a file is recognised."""


class Formats:
    """An ``Offer``: the formats, each with the file that it would be; or the path that is typed."""

    context = columns = aside = note = ""
    title = "Export"
    foot = f"a path writes it elsewhere, {REDACT} leaves out keys and tokens"

    def __init__(self, folder: Path, name: str, *, redact: bool) -> None:
        self._paths = {form: free_path(folder, name, form) for form in FORMATS}
        self._folder, self._redact = folder, redact

    def rows(self, text: str) -> Sequence[Choice]:
        """Those that fit, and a path."""
        form, redact, rest = asked(text)
        redact = redact or self._redact
        path = path_of(rest, self._folder)
        if rest and (form := form or ENDINGS.get(path.suffix.lower(), "")):
            shown = one_line(str(path))
            return [Choice(value=(form, path, redact), name=shown, detail=_words(form, redact))]
        rows = [
            Choice(value=(each, path, redact), name=each, detail=_words(each, redact))
            for each, path in self._paths.items()
        ]
        return matching(rows, form or rest)

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """There are no keys of its own."""
        return ""


def _words(form: str, redact: bool) -> str:
    return f"{FORMATS[form]}; without keys and tokens" if redact else FORMATS[form]


def path_of(text: str, folder: Path) -> Path:
    """A path that somebody typed; it begins at ``folder``."""
    return folder / Path(text.strip()).expanduser()


def free_path(folder: Path, title: str, form: str) -> Path:
    """A file of that format that is not there yet, named after a title."""
    words = re.sub(r"[^\w]+", "-", title.lower()).strip("-_")[:LONGEST_NAME].rstrip("-")
    stem = words or "session"
    names = (f"{stem}{'' if n == 1 else f'-{n}'}.{form}" for n in count(1))
    return next(folder / name for name in names if not (folder / name).exists())


async def pick_format(screen: MainScreen, session: str, *, redact: bool = False) -> None:
    """Ask for the format, then write the file."""
    runtime = await screen.ion.runtime()
    info = await runtime.store.info(SessionId(session))
    offer = Formats(screen.ion.folder, info.title or info.preview, redact=redact)
    choice = await choosing.pick(screen, offer, placeholder="Format, or a path")
    if choice is not None:
        form, path, redact = choice.value
        await _write(screen, info.id, form, path, redact=redact)


async def export(screen: MainScreen, argument: str) -> None:
    """``/export [FORMAT] [--redact] [PATH]`` of the session on screen; with neither format nor
    path, a list."""
    if screen.view is None or not screen.view.entries:
        screen.say("There is nothing to export yet.", "warning")
        return
    form, redact, rest = asked(argument)
    if not form and not rest:
        await pick_format(screen, screen.view.session, redact=redact)
        return
    folder = screen.ion.folder
    path = path_of(rest, folder) if rest else free_path(folder, screen.view.title, form)
    form = form or ENDINGS.get(path.suffix.lower(), "")
    if form:
        await _write(screen, screen.view.session, form, path, redact=redact)
    else:
        screen.say(f"Say which format: /export {' | '.join(FORMATS)} [{REDACT}] [PATH].", "warning")


def asked(argument: str) -> tuple[str, bool, str]:
    """The format, whether secrets are left out, and the path; empty where nothing was said."""
    form, redact, rest = "", False, argument.strip()
    while rest:
        word, _, after = rest.partition(" ")
        if word == REDACT:
            redact = True
        elif word in FORMATS and not form:
            form = word
        else:
            break
        rest = after.strip()
    path = rest.removesuffix(f" {REDACT}").strip()
    return form, redact or path != rest, path


async def _write(
    screen: MainScreen, session: SessionId, form: str, path: Path, *, redact: bool = False
) -> None:
    runtime = await screen.ion.runtime()
    try:
        entries = await written(runtime, session, form, path, redact=redact)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
    how = ", without keys, tokens and your home folder" if redact else ""
    screen.say(f"Wrote {entries} entries to {folder_name(path, Path.home())}{how}.")


async def written(
    runtime: Runtime, session: SessionId, form: str, path: Path, *, redact: bool = False
) -> int:
    """Export a session to a new file; how many entries are in it. Raises ``ConfigError`` for a file
    that is there already, ``StoreError`` and ``OSError``."""
    departure, home = Departure(runtime.store, session), runtime.home
    clean = await asyncio.to_thread(cleaner, home, runtime.cwd) if redact else None
    async with _outlet(path) as outlet:
        made = exported(departure, form, home, outlet=outlet, clean=clean)
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
