"""Whoever sits beside the person who logs in: the terminal or the app.

The flows speak and ask through it alone, so that they know nothing of screens.
"""

from __future__ import annotations

from typing import Literal, Protocol, TypeAlias

Way: TypeAlias = Literal["key", "browser", "device"]
"""How somebody logs in: pastes a key, agrees in a browser, or types a code in any browser."""


class Companion(Protocol):
    """Shows sentences and asks questions."""

    def tell(self, text: str) -> None:
        """Show a sentence."""
        ...

    def show_link(self, url: str, code: str = "") -> None:
        """Show a link, opening a browser where that is possible, and the ``code`` to enter."""
        ...

    async def ask(self, question: str, *, secret: bool = False) -> str:
        """The person's answer; ``secret`` answers are not shown.

        Raises ``asyncio.CancelledError`` when the person gives up and ``ConfigError`` where nobody
        can be asked. May be cancelled while it waits.
        """
        ...


async def agrees(companion: Companion, question: str) -> bool:
    """Whether the person says yes."""
    answer = await companion.ask(f"{question} [y/N]")
    return answer.strip().lower() in ("y", "yes")
