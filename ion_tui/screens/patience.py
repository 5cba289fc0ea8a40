"""While something is made that the page must wait for: nothing of it is seen but the activity line.

Esc gives it up. What is typed meanwhile goes to the prompt, and is sent when the person says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from textual.events import Key, Paste
from textual.screen import ModalScreen

from ion_tui.keymap import Keymap

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen

T = TypeVar("T")


async def patiently(screen: MainScreen, words: str, work: Awaitable[T]) -> T | None:
    """Do ``work`` while the activity line says ``words``; None when it was given up, and then it
    has cleaned up."""
    task = asyncio.ensure_future(work)
    sheet = Patience(keymap=screen.keymap, stop=task.cancel, write=screen.composer.prompt.insert)
    activity, leave = screen.composer.activity, screen.keymap.hint("list.close", "list")
    activity.show_work(f"{words} · {leave} stops")
    await screen.app.push_screen(sheet)
    try:
        return await task
    except asyncio.CancelledError:
        if not sheet.is_given_up:
            raise
        return None
    finally:
        activity.show_work("")
        await sheet.dismiss()


class Patience(ModalScreen[None]):
    """``stop`` is called when it is given up, ``write`` with what is typed."""

    CSS = "Patience { background: transparent; }"

    def __init__(
        self, *, keymap: Keymap, stop: Callable[[], object], write: Callable[[str], object]
    ) -> None:
        super().__init__(name="patience")
        self._keymap, self._stop, self._write = keymap, stop, write
        self.is_given_up = False

    def on_key(self, event: Key) -> None:
        """Give it up, or write."""
        event.stop()
        event.prevent_default()
        if self._keymap.command("list", event.key) == "list.close":
            self.is_given_up = True
            self._stop()
        elif event.character and event.is_printable:
            self._write(event.character)

    def on_paste(self, event: Paste) -> None:
        """Into the prompt as well."""
        event.stop()
        self._write(event.text)
