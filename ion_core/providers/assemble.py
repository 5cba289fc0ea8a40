"""From the chunks of an answer to the message that it is.

Knows nothing of wires. Only an answer whose terminal chunk was seen becomes a message that counts
as complete; anything less is available as what it is, a partial one.
"""

from __future__ import annotations

from typing import assert_never

from ion_core.errors import StreamBroken
from ion_core.events import Channel
from ion_core.messages import Message, Origin, Part, Reasoning, StopReason, Text
from ion_core.providers.base import Chunk, Finished, PartDelta, PartDone


class Assembly:
    """Collects one answer. ``finished`` is its terminal chunk, None while there is none."""

    def __init__(self) -> None:
        self.finished: Finished | None = None
        self._done: dict[int, Part] = {}
        self._open: dict[int, tuple[Channel, list[str]]] = {}

    @property
    def has_content(self) -> bool:
        """Whether anything of the answer was seen: from here on a retry discards something."""
        return bool(self._done or self._open)

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        match chunk:
            case PartDelta():
                _, pieces = self._open.setdefault(chunk.index, (chunk.channel, []))
                pieces.append(chunk.text)
            case PartDone():
                self._open.pop(chunk.index, None)
                self._done[chunk.index] = chunk.part
            case Finished():
                self.finished = chunk
            case _:
                assert_never(chunk)

    def message(self, origin: Origin) -> Message:
        """The complete answer, its parts in order. Raises ``StreamBroken`` while it is not."""
        if self.finished is None:
            raise StreamBroken("The answer stopped before its end.")
        return Message(
            role="assistant",
            parts=tuple(part for _, part in sorted(self._done.items(), key=lambda item: item[0])),
            origin=origin,
            stop=self.finished.stop,
            usage=self.finished.usage,
        )

    def partial(self, origin: Origin, stop: StopReason = "incomplete") -> Message | None:
        """What was readable of an answer that will not be finished, or None for nothing.

        It has no calls, since none of them may run, and its thoughts have no signature, since no
        provider accepts half a thought.
        """
        parts = [self._readable(index) for index in sorted({*self._done, *self._open})]
        kept = tuple(part for part in parts if part is not None)
        if not kept:
            return None
        return Message(role="assistant", parts=kept, origin=origin, stop=stop)

    def _readable(self, index: int) -> Part | None:
        if index in self._open:
            channel, pieces = self._open[index]
            text = "".join(pieces)
        else:
            done = self._done[index]
            if not isinstance(done, Text | Reasoning):
                return None
            channel, text = ("text" if isinstance(done, Text) else "reasoning"), done.text
        if not text or channel == "arguments":
            return None
        return Text(text=text) if channel == "text" else Reasoning(text=text)
