"""A conversation as text, for a model that has not seen it: when the request itself would be too
large, or another model summarises.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ion_core.compaction.sizes import tokens_of
from ion_core.messages import Image, Message, Part, Reasoning, Text, ToolCall, ToolResult

RESULT = 4_000
"""Characters of a result that are shown: its beginning and its end."""
ARGUMENTS = 2_000


def serialised(messages: Sequence[Message], *, most: int) -> str:
    """The messages, at most about ``most`` tokens of them: what is oldest goes first, but never a
    checkpoint at the very beginning."""
    told = [_told(message) for message in messages]
    head = told[:1] if messages and messages[0].text.startswith("<context_checkpoint") else []
    left, kept = most - sum(map(tokens_of, head)), list[str]()
    for text in reversed(told[len(head) :]):
        left -= tokens_of(text)
        if left < 0:
            kept.append("[older messages are left out]")
            break
        kept.append(text)
    return "\n\n".join([*head, *reversed(kept)])


def _told(message: Message) -> str:
    return f"[{message.role}]\n" + "\n".join(filter(None, map(_part, message.parts)))


def _part(part: Part) -> str:
    match part:
        case Text(text=text):
            return text
        case Reasoning():
            return ""
        case Image():
            return "[a picture]"
        case ToolCall():
            arguments = msgspec.json.encode(part.arguments).decode()
            return f"[calls {part.name} {_middle_out(arguments, ARGUMENTS)}]"
        case ToolResult():
            return f"[{part.name}: {part.status}]\n{_middle_out(part.content, RESULT)}"


def _middle_out(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    half = most // 2
    return f"{text[:half]}\n[… {len(text) - 2 * half} characters …]\n{text[-half:]}"
