"""What a picker shows and what its own keys do: the door between a list and its things."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

from ion_tui.fuzzy import matching
from ion_tui.widgets.listbox import Choice

Outcome: TypeAlias = Literal["", "again", "anew", "choose", "next"]
"""After a key: nothing to do; the rows changed around the one under the cursor; they are others
now, to be read from the top; the row is chosen; or the next one gets the cursor."""


class Offer(Protocol):
    """Rows for what was typed. ``note`` is told above them, ``columns`` are headings above their
    right end with ``aside`` on the left, ``foot`` is told below; ``context`` names the keys that
    :meth:`obey` hears."""

    context: str

    @property
    def title(self) -> str: ...

    @property
    def note(self) -> str: ...

    @property
    def columns(self) -> str: ...

    @property
    def aside(self) -> str: ...

    @property
    def foot(self) -> str: ...

    def rows(self, text: str) -> Sequence[Choice]: ...

    def obey(self, command: str, choice: Choice | None) -> Outcome: ...


class Fixed:
    """Rows that are what they are, narrowed by what was typed."""

    context = ""
    columns = aside = foot = ""

    def __init__(self, title: str, choices: Sequence[Choice], note: str = "") -> None:
        self.title, self.note, self._choices = title, note, list(choices)

    def rows(self, text: str) -> Sequence[Choice]:
        """Those that fit."""
        return matching(self._choices, text)

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """There are no keys of its own."""
        return ""
