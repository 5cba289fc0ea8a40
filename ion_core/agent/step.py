"""One step: a request, streamed, retried where that is right, and assembled into a message.

Nothing is executed here and nothing of a failed attempt survives but its cost. A retry announces
itself with a countdown. A partial answer is never passed off as a whole one.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Awaitable, Callable

from msgspec import Struct
from msgspec.structs import replace

from ion_core.agent.echo import Echo
from ion_core.errors import ProviderError, Refused, StreamBroken
from ion_core.events import Delta, Event, StepRetrying
from ion_core.messages import Message, StopReason, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import PartDelta, Provider, Request
from ion_core.providers.retry import ATTEMPTS, given_up, wait_s
from ion_core.usage import Usage

BREATH_S = 0.002
"""Seconds of reading after which everything else gets a turn: an answer that comes faster than it
is read would otherwise hold up keys and paints until its end."""

NUDGE = user("Your last tool call could not be read. Make it again, as one valid call.")
ENOUGH = user("Your last answer repeated the same words without end. Answer anew, without that.")

Emit = Callable[[Event], Awaitable[None]]


class Answer(Struct, frozen=True, kw_only=True):
    """A complete answer, and what attempts that came to nothing had used. ``cost_nano`` is what
    the provider says that the answer cost, None when it does not say."""

    message: Message
    cost_nano: int | None
    wasted: tuple[Usage, ...]
    duration_ms: int


class StepFailed(Exception):
    """No attempt succeeded. ``str()`` is a sentence for people; ``partial`` is what they saw of
    the last attempt, if anything."""

    def __init__(self, error: ProviderError, sentence: str, partial: Message | None) -> None:
        super().__init__(sentence)
        self.error, self.partial = error, partial


class StepCancelled(asyncio.CancelledError):
    """A person cancelled the step. ``partial`` as in :class:`StepFailed`."""

    def __init__(self, partial: Message | None) -> None:
        super().__init__()
        self.partial = partial


class Step:
    """Asks a provider one question, as often as it takes."""

    def __init__(
        self, provider: Provider, request: Request, emit: Emit, *, attempts: int = ATTEMPTS
    ) -> None:
        self._provider, self._request, self._emit = provider, request, emit
        self._attempts = attempts
        self._origin = provider.origin(request.model)
        self._assembly = Assembly()
        self._wasted: list[Usage] = []
        self._restarts = 0

    async def ask(self) -> Answer:
        """The answer. Raises :class:`StepFailed`, or :class:`StepCancelled` when cancelled."""
        began = time.monotonic()
        try:
            message = await self._persist()
        except asyncio.CancelledError:
            raise StepCancelled(self._partial("interrupted")) from None
        finished = self._assembly.finished
        return Answer(
            message=message,
            cost_nano=finished.cost_nano if finished else None,
            wasted=tuple(self._wasted),
            duration_ms=round((time.monotonic() - began) * 1000),
        )

    async def _persist(self) -> Message:
        attempt = 1
        while True:
            try:
                return await self._attempt(last=attempt > 1)
            except ProviderError as error:
                delay = self._delay(error, attempt)
                if delay is None:
                    sentence = given_up(error, attempt, time.time())
                    raise StepFailed(error, sentence, self._partial("error")) from error
                self._discard()
                attempt += 1
                await self._count_down(error, attempt, delay)

    async def _attempt(self, *, last: bool) -> Message:
        self._assembly, echoes = Assembly(), {"text": Echo(), "reasoning": Echo()}
        async with self._provider.stream(self._request) as chunks:
            worked_since = time.monotonic()
            async for chunk in chunks:
                if time.monotonic() - worked_since > BREATH_S:
                    await asyncio.sleep(0)
                    worked_since = time.monotonic()
                self._assembly.add(chunk)
                if isinstance(chunk, PartDelta):
                    if chunk.channel in echoes and echoes[chunk.channel].repeats(chunk.text):
                        raise self._nudged(ENOUGH, "The model says the same again and again.")
                    await self._emit(
                        Delta(
                            part=chunk.index,
                            channel=chunk.channel,
                            text=chunk.text,
                            tool=chunk.tool,
                        )
                    )
        message = self._assembly.message(self._origin)
        said = message.text.strip() or message.calls
        if not said and message.stop in ("refusal", "content_filter"):
            raise self._refused()
        if not said and message.stop == "end_turn" and not last:
            raise StreamBroken("The model sent an empty answer.", retry_after=0.0)
        if message.stop == "malformed_tool_call" and not message.calls:
            raise self._nudged(NUDGE, "The model wrote a tool call that nobody can read.")
        return message

    def _nudged(self, nudge: Message, sentence: str) -> StreamBroken:
        """The model is asked once more, with a word that is not kept in the conversation."""
        nudged = self._request.messages[-1:] == (nudge,)
        if not nudged:
            messages = (*self._request.messages, nudge)
            self._request = replace(self._request, messages=messages)
        return StreamBroken(sentence, retryable=not nudged, retry_after=0.0)

    def _refused(self) -> Refused:
        finished = self._assembly.finished
        why = finished.explanation.strip().rstrip(".") if finished else ""
        said = f": {why}" if why else ""
        return Refused(f"A safety system stopped the answer{said}. Ask in another way.")

    def _delay(self, error: ProviderError, attempt: int) -> float | None:
        """Seconds to wait before another attempt; None when there should be none."""
        self._restarts += self._assembly.has_content
        return wait_s(error, attempt, restarts=self._restarts, attempts=self._attempts)

    def _discard(self) -> None:
        finished = self._assembly.finished
        if finished is not None and finished.usage is not None:
            self._wasted.append(finished.usage)

    def _partial(self, stop: StopReason) -> Message | None:
        return self._assembly.partial(self._origin, stop)

    async def _count_down(self, error: ProviderError, attempt: int, delay_s: float) -> None:
        deadline = time.monotonic() + delay_s
        while True:
            left = max(0.0, deadline - time.monotonic())
            await self._emit(
                StepRetrying(
                    attempt=attempt,
                    attempts=self._attempts,
                    delay_s=round(left, 1),
                    reason=str(error),
                )
            )
            if left <= 0:
                return
            await asyncio.sleep(min(left, left - math.ceil(left) + 1))


def kind_of(error: Exception) -> str:
    """The kind of what ended a turn, as exports and hooks name it."""
    cause = error.error if isinstance(error, StepFailed) else error
    return str(getattr(cause, "kind", "internal"))
