"""The loop of a turn: deliver what waits, ask the model, run what it wants, until it wants nothing.

Everything is said through the turn it is given; nothing here knows of screens, SQL, HTTP or modes.
"""

from __future__ import annotations

from itertools import count
from typing import Protocol

from ion_core.errors import StreamBroken
from ion_core.events import TurnReason
from ion_core.messages import Message

UNFINISHED_LIMIT = 10
"""So many answers in a row may pause or be cut off at their length inside a call. A model that
does it oftener would go on for ever, and every time is paid for."""


class Turn(Protocol):
    """What a turn can do. Each call is durable when it returns."""

    async def deliver(self) -> bool:
        """Put the waiting steers into the conversation; whether there were any."""
        ...

    async def ask(self, step: int) -> Message:
        """The model's next answer."""
        ...

    async def act(self, answer: Message) -> None:
        """Run the calls of an answer."""
        ...

    async def goes_on(self, answer: Message) -> bool:
        """Whether a turn that would end with this answer goes on, since somebody wants it."""
        ...

    def check(self) -> None:
        """Raises ``BudgetExceeded`` when a limit is reached, and ``Loop`` when the same calls are
        made again and again."""
        ...


async def run(turn: Turn, waiting: Message | None = None) -> TurnReason:
    """Work until the model is done, beginning with the calls of an answer that are ``waiting``, if
    any. An answer that pauses is gone on with. Raises ``BudgetExceeded`` at a limit,
    ``ApprovalNeeded`` for a call that waits, and ``StreamBroken`` when answers come to no end."""
    if waiting is not None:
        await turn.act(waiting)
    unfinished = 0
    for step in count(1):
        await turn.deliver()
        answer = await turn.ask(step)
        unfinished = unfinished + 1 if answer.stop in ("pause", "max_tokens") else 0
        if answer.calls:
            await turn.act(answer)
        elif not await turn.deliver() and answer.stop != "pause" and not await turn.goes_on(answer):
            return "done"
        turn.check()
        if unfinished == UNFINISHED_LIMIT:
            sentence = f"The model began {unfinished} answers and came to no end. Ask for less."
            raise StreamBroken(sentence, retryable=False)
    raise AssertionError("count() has no end")
