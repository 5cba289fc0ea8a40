"""What going back would do, found out for the row of a list that is looked at.

A message is compared with the files on disk when it is first looked at, which may take a moment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec.structs import replace

from ion_core.ids import EntryId
from ion_core.rewinding import FileChange, Preview, Scope
from ion_tui import choosing, themes
from ion_tui.offer import Offer
from ion_tui.render.inks import inks
from ion_tui.widgets.difference import Difference, Told
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.agent.session import Session
    from ion_tui.screens.main import MainScreen

Tell: TypeAlias = Callable[[Choice], Awaitable[Told]]


class Foresight:
    """Of the messages of a session."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._known: dict[EntryId, Told] = {}

    async def of_message(self, choice: Choice) -> Told:
        """Of a row whose value is a message's id. Raises ``StoreError``."""
        entry = EntryId(choice.value)
        if entry not in self._known:
            preview = await self._session.preview_rewind(entry)
            self._known[entry] = _of_way(preview, "both")
        return self._known[entry]


def of_ways(preview: Preview, overwrite: Collection[str]) -> Tell:
    """Of the rows of a ``RewindSheet``: ways to go back, and files. ``overwrite`` are those that
    are restored although somebody changed them, as it is when a row is looked at."""

    async def tell(choice: Choice) -> Told:
        if isinstance(choice.value, FileChange):
            return Told("", _decided((choice.value,), overwrite))
        return _of_way(preview, choice.value, overwrite)

    return tell


async def pick(
    screen: MainScreen,
    session: Session,
    offer: Offer,
    tell: Tell,
    chosen: Callable[[Choice], bool] | None = None,
) -> Choice | None:
    """Show a list with what each of its rows would do; what was chosen, or None."""
    look = themes.load(screen.app.theme)
    pane = Difference(tell, inks(look), str(session.cwd))
    return await choosing.pick(screen, offer, chosen=chosen, pane=pane)


def _of_way(preview: Preview, scope: Scope, overwrite: Collection[str] = ()) -> Told:
    leaves = f"Leaves {_count(preview.entries, 'entry', 'entries')} of the conversation"
    if scope == "conversation":
        return Told(f"{leaves}; no file changes.")
    files = _decided(preview.files, overwrite)
    changing = sum(not change.conflict for change in files)
    talk = leaves if scope == "both" else "The conversation stays"
    then = f"{_count(changing, 'file', 'files')} would change:" if files else "no file changes."
    return Told(f"{talk}; {then}", files, preview.gaps)


def _decided(files: Iterable[FileChange], overwrite: Collection[str]) -> Sequence[FileChange]:
    """The files, without the conflicts that a person has decided."""
    return [replace(each, conflict="") if each.path in overwrite else each for each in files]


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
