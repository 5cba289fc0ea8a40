"""What the screen asks of the session in front of it: one errand after the other, in order.

An errand that is asked for before the runtime is open waits until it is. One that fails becomes a
sentence on the screen, and gives back the text that it was meant to send.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from ion_core.entries import Entry
from ion_core.errors import IonError
from ion_core.messages import Message
from ion_core.view import SessionView

if TYPE_CHECKING:
    from ion_core.agent.session import Session

Errand = Callable[["Session"], Awaitable[object]]


class Errands:
    """``session`` gives the session on screen, ``failed`` takes a sentence."""

    def __init__(
        self, session: Callable[[], Session | None], failed: Callable[[str], None]
    ) -> None:
        self._session, self._failed = session, failed
        self._queue: asyncio.Queue[tuple[Errand, Callable[[], None]]] = asyncio.Queue()

    def ask(self, errand: Errand, lost: Callable[[], None] = lambda: None) -> None:
        """Do this when its turn comes; ``lost`` is called when it failed."""
        self._queue.put_nowait((errand, lost))

    async def run(self) -> None:
        """Work until cancelled. A session must be on screen before this starts."""
        while True:
            errand, lost = await self._queue.get()
            session = self._session()
            try:
                if session is not None:
                    await errand(session)
            except IonError as error:
                lost()
                self._failed(str(error))


async def interrupt(session: Session) -> str:
    """Stop the turn; the text that belongs back in the editor.

    That is the prompt, when nothing was said to it yet: then it is taken back altogether. And it
    is whatever still waits, which nothing would deliver now.
    """
    texts = [await _stop(session)]
    while text := await session.take_back():
        texts.insert(1, text)
    return "\n".join(text for text in texts if text)


async def _stop(session: Session) -> str:
    silent = _asked(session.view)
    if any(part.text for part in session.view.draft.values()):
        silent = None
    await session.cancel()
    if silent is None or _answered_since(session.view, silent):
        return ""
    await session.move_to(silent.parent)
    assert isinstance(silent.body, Message)
    return silent.body.text


def _asked(view: SessionView) -> Entry | None:
    """The prompt that the running turn began with, if nothing came after it."""
    for index in range(len(view.entries) - 1, -1, -1):
        body = view.entries[index].body
        if isinstance(body, Message) and body.role != "user":
            return None
        if isinstance(body, Message):
            before = view.entries[index - 1].body if index else None
            steered = isinstance(before, Message) and before.role == "tool"
            return None if steered else view.entries[index]
    return None


def _answered_since(view: SessionView, prompt: Entry) -> bool:
    at = next((i for i, entry in enumerate(view.entries) if entry.id == prompt.id), None)
    if at is None:
        return True
    after = (entry.body for entry in view.entries[at + 1 :])
    return any(isinstance(body, Message) for body in after)
