"""What a command is: an id that keys are bound to, a title, perhaps a name behind ``/``, and what
it does on the main screen. The table of them is in ``commands.py``.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen

Run: TypeAlias = "Callable[[MainScreen, str], Awaitable[None] | None]"


class Command(Struct, frozen=True, kw_only=True):
    """``slash`` are its names behind ``/``; ``takes`` describes what may follow; ``hidden`` keeps
    it out of the palette (it makes sense as a key only)."""

    id: str
    title: str
    run: Run
    slash: tuple[str, ...] = ()
    takes: str = ""
    hidden: bool = False
