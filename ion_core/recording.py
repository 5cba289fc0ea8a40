"""A recorded run: what ``ion run --output-format stream-json`` wrote, read back.

Only the run itself is told, not what its subagents did meanwhile. A line that cannot be read, as
the last one of a run that was killed, is counted and left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from ion_core.codec import decode_emitted
from ion_core.errors import ConfigError
from ion_core.events import Emitted, EntryAppended
from ion_core.ids import SessionId
from ion_core.messages import Message, Reasoning, Text

LONGEST = 64_000_000
"""Bytes of a line; a longer one cannot be read."""


class Recording(Struct, frozen=True, kw_only=True):
    """The events of a run in their order; ``skipped`` counts the lines that could not be read."""

    session: SessionId
    events: tuple[Emitted, ...]
    skipped: int = 0

    @property
    def duration_s(self) -> float:
        """From its first event to its last."""
        return max(0.0, self.events[-1].at - self.events[0].at)

    @property
    def prompt(self) -> str:
        """What the person asked for at its beginning; empty when that is not in it."""
        asked = (message.text for message in self._messages() if message.role == "user")
        return next(asked, "")

    @property
    def model(self) -> str:
        """The model that answered first, without its provider."""
        origins = (message.origin for message in self._messages() if message.origin)
        return next((origin.model for origin in origins), "model")

    def script(self) -> bytes:
        """Its answers, for a provider of the protocol ``scripted``; see ``providers/script.py``."""
        answers = [each for each in self._messages() if each.role == "assistant"]
        return msgspec.json.encode([_step(answer) for answer in answers])

    def _messages(self) -> Iterator[Message]:
        for emitted in self.events:
            if isinstance(emitted.event, EntryAppended):
                body = emitted.event.entry.body
                if isinstance(body, Message):
                    yield body


def read(path: Path) -> Recording:
    """The recording in a file. Blocking. Raises ``ConfigError`` for a file that is none."""
    events: list[Emitted] = []
    skipped = 0
    try:
        with path.open("rb") as lines:
            while line := lines.readline(LONGEST):
                try:
                    if _kind(line) == "event":
                        events.append(decode_emitted(line))
                except (msgspec.DecodeError, UnicodeDecodeError):
                    skipped += 1
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    own = [each for each in events if each.parent is None and each.session == events[0].session]
    if not own:
        raise ConfigError(
            f"{path} is no recording. `ion run --output-format stream-json` writes one."
        )
    return Recording(session=own[0].session, events=tuple(own), skipped=skipped)


def _kind(line: bytes) -> str:
    return _line.decode(line).type if line.strip() else ""


class _Line(Struct):
    type: str


_line = msgspec.json.Decoder(_Line)


def _step(answer: Message) -> dict[str, Any]:
    thoughts = (part.text for part in answer.parts if isinstance(part, Reasoning))
    return {
        "reasoning": "".join(thoughts),
        "text": "".join(part.text for part in answer.parts if isinstance(part, Text)),
        "calls": [
            {"id": call.id, "name": call.name, "arguments": call.arguments} for call in answer.calls
        ],
        "usage": answer.usage,
        "stop": answer.stop,
    }
