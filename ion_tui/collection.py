"""Commands for the collection of sessions: find, list, name, tag, put away, to and from files.

What they do is imported when it is first asked for: nobody needs it before the first paint.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ion_tui.command import Command

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen


def _show(screen: MainScreen) -> None:
    screen.regions.open_sidebar()


def _search(screen: MainScreen, text: str) -> None:
    screen.regions.open_sidebar()
    screen.sidebar.search(text)


async def _export(screen: MainScreen, argument: str) -> None:
    from ion_tui import carrying

    await carrying.export(screen, argument)


async def _import(screen: MainScreen, argument: str) -> None:
    from ion_tui import carrying

    await carrying.take(screen, argument)


async def _delete(screen: MainScreen) -> None:
    from ion_tui import curating

    await curating.delete_current(screen)


async def _undelete(screen: MainScreen) -> None:
    from ion_tui import curating

    await curating.undelete(screen)


def _here(command: str, title: str, deed: str) -> Command:
    """A deed of the sidebar, done to the session on screen."""

    def run(screen: MainScreen, _: str) -> None:
        from ion_tui import curating

        curating.obey_here(screen, deed)

    return Command(id=command, title=title, run=run)


COLLECTION: tuple[Command, ...] = (
    Command(
        id="sessions.show",
        title="Go to the sessions",
        slash=("sessions",),
        run=lambda screen, _: _show(screen),
    ),
    Command(
        id="sessions.search",
        title="Search all sessions",
        slash=("search",),
        takes="words and filters",
        run=_search,
    ),
    Command(
        id="session.export",
        title="Export this session to a file",
        slash=("export",),
        takes="md | html | jsonl, --redact, and a path",
        run=_export,
    ),
    Command(
        id="session.import",
        title="Import a session from a file",
        slash=("import",),
        takes="path",
        run=_import,
    ),
    Command(
        id="session.delete", title="Delete this session", run=lambda screen, _: _delete(screen)
    ),
    Command(
        id="session.undelete",
        title="Bring the last deleted session back",
        run=lambda screen, _: _undelete(screen),
    ),
    _here("session.tag", "Tags of this session", "tree.tag"),
    _here("session.pin", "Pin this session, or no longer", "tree.pin"),
    _here("session.archive", "Archive this session", "tree.archive"),
    _here("session.details", "Everything about this session", "tree.details"),
)
