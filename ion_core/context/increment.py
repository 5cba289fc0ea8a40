"""What a conversation gained since its provider last counted it.

The last answer that came with usage says how large everything up to and including it is. What
was added after it is gathered here as plain texts, ready to be counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from msgspec import Struct

from ion_core.context.projector import CUT_OFF
from ion_core.context.reading import reading, told
from ion_core.entries import Compaction, Entry, Prune
from ion_core.messages import PARTIAL, Image, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.providers.base import ToolSpec


class Increment(Struct, frozen=True, kw_only=True):
    """``answer`` is the last counted answer (None: there is none, and the increment is all);
    ``texts`` are the words added after it, in ``messages`` messages with ``images`` pictures."""

    answer: Message | None
    texts: tuple[str, ...]
    messages: int
    images: int

    @property
    def size(self) -> int:
        """Its texts in bytes of UTF-8: characters, where a script is written with few of them."""
        return sum(
            len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
            for text in self.texts
        )


def increment(entries: Sequence[Entry]) -> Increment:
    """The increment at the end of a path. Looks at no entry before the answer it stands on."""
    added: list[Message] = []
    answer: Message | None = None
    for entry in reversed(entries):
        if isinstance(entry.body, Compaction | Prune):
            added = list(reversed(reading(entries)))  # what was counted before is no longer sent
            break
        message = entry.body if isinstance(entry.body, Message) else told(entry.body)
        if message is not None and _is_counted(message):
            answer = message
            break
        if message is not None:
            added.append(message)
    return Increment(
        answer=answer,
        texts=tuple(text for message in reversed(added) for text in _texts(message)),
        messages=len(added),
        images=sum(_images(part) for message in added for part in message.parts),
    )


def preamble(system: str, tools: Sequence[ToolSpec]) -> tuple[str, ...]:
    """What a request says before its messages, as texts."""
    schemas = (json.dumps(tool.schema, ensure_ascii=False) for tool in tools)
    told = (f"{tool.name}\n{tool.description}" for tool in tools)
    return (system, *told, *schemas)


def _is_counted(message: Message) -> bool:
    """Whether its usage tells the size of a prompt and of the answer as it is sent back."""
    return message.usage is not None and message.usage.prompt > 0 and message.stop not in PARTIAL


def _texts(message: Message) -> Iterator[str]:
    if message.role == "assistant" and message.stop in PARTIAL:
        if message.text.strip():
            yield message.text + CUT_OFF
        return
    for part in message.parts:
        match part:
            case Text(text=text) | Reasoning(text=text):
                yield text
            case ToolCall():
                yield part.name + json.dumps(part.arguments, ensure_ascii=False)
            case ToolResult():
                yield part.content


def _images(part: Part) -> int:
    match part:
        case Image():
            return 1
        case ToolResult():
            return len(part.images)
        case _:
            return 0
