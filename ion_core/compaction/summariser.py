"""Gets a summary out of a model, in at most three questions.

First behind the request that it has cached; then, where that cannot be or went wrong, from the
conversation as text. What will not do is said once.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ion_core.compaction.base import Ask, Task
from ion_core.compaction.serialised import serialised
from ion_core.compaction.sizes import tokens_of
from ion_core.compaction.summary import MISSING, cleaned, completed, fault, instructions, repair
from ion_core.context.reading import last_compaction
from ion_core.entries import CompactionMode
from ion_core.errors import ContextOverflow, ProviderError
from ion_core.messages import Message, Text, user
from ion_core.providers.base import Request

QUESTIONS = 3
SLACK = 1_000
SYSTEM = "You write checkpoint summaries of the work of a coding agent."
LESS = 0.75
"""Of what was shown before, after a provider said that it was too much."""


class Summary(Struct, frozen=True, kw_only=True):
    text: str
    mode: CompactionMode
    model: str


class Summariser:
    """Asks for one summary. ``anchor`` is how what stays begins."""

    def __init__(self, task: Task, ask: Ask, anchor: str) -> None:
        self._task, self._ask = task, ask
        self._left = QUESTIONS
        self._most = task.ceilings.summary
        self._share = 1.0
        self._wanted = instructions(
            most=self._most,
            anchor=anchor,
            focus=task.focus,
            prior=last_compaction(task.entries) >= 0,
        )

    async def summary(self) -> Summary | None:
        """A summary that will do, None when there is none to be had."""
        modes: list[CompactionMode] = ["suffix"] if self._fits() else []
        for mode in (*modes, "prepend"):
            while self._left:
                try:
                    made, gone = await self._try(mode)
                except ContextOverflow:
                    self._share *= LESS
                    gone = mode == "suffix"
                    made = None
                except ProviderError:
                    return None  # it was asked often enough by then
                if made is not None:
                    return made
                if gone:
                    break
        return None

    def _fits(self) -> bool:
        task = self._task
        room = task.window - task.tokens - tokens_of(self._wanted)
        return task.cached and task.reason != "overflow" and room > self._most + SLACK

    async def _try(self, mode: CompactionMode) -> tuple[Summary | None, bool]:
        """A summary in one mode, said again if need be; and whether the mode is at its end."""
        request = self._suffix() if mode == "suffix" else self._prepend()
        self._left -= 1
        said = await self._ask(request)
        text = cleaned(said.message.text)
        wrong = fault(text, most=self._most)
        if wrong and text and not said.message.calls and self._left:
            answer = Message(role="assistant", parts=(Text(text=said.message.text),))
            messages = (*request.messages, answer, user(repair(wrong)))
            self._left -= 1
            said = await self._ask(replace(request, messages=messages))
            text = cleaned(said.message.text)
            wrong = fault(text, most=self._most)
        if wrong or said.message.calls:
            return None, True
        if mode == "suffix" and self._task.verify and self._left:
            text = await self._completed(request, text)
        return Summary(text=text, mode=mode, model=said.model), True

    async def _completed(self, request: Request, text: str) -> str:
        """The summary with what the model finds missing in it; as it is where that goes wrong."""
        answer = Message(role="assistant", parts=(Text(text=text),))
        messages = (*request.messages, answer, user(MISSING))
        self._left -= 1
        try:
            said = await self._ask(replace(request, messages=messages))
        except ProviderError:
            return text
        more = "" if said.message.calls else cleaned(said.message.text)
        return completed(text, more, most=self._most)

    def _suffix(self) -> Request:
        """The request as it was sent, and the wish behind it: everything before it is cached."""
        request = self._task.request
        return replace(
            request,
            messages=(*request.messages, user(self._wanted)),
            max_output=self._output(),
        )

    def _prepend(self) -> Request:
        room = int((self._task.window - self._most - 2 * SLACK) * self._share)
        room -= tokens_of(self._wanted)
        told = serialised(self._task.request.messages, most=max(SLACK, room))
        text = f"<conversation>\n{told}\n</conversation>\n\n{self._wanted}"
        return Request(
            model=self._task.request.model,
            system=SYSTEM,
            messages=(user(text),),
            max_output=self._output(),
            effort=self._task.request.effort,
        )

    def _output(self) -> int:
        """Room for a summary that is longer than it should be, and for thoughts."""
        wanted = self._task.request.max_output
        return min(wanted, 4 * self._most) if wanted else 4 * self._most
