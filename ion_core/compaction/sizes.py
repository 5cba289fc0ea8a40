"""About how many tokens a message has: enough to choose where to cut, not to pay by."""

from __future__ import annotations

import math

import msgspec

from ion_core.messages import Image, Message, Part, Reasoning, Text, ToolCall, ToolResult

CHARACTERS = 3.5
"""Characters of a token."""
PER_MESSAGE, PER_IMAGE = 8, 1_300


def tokens_of(text: str) -> int:
    """About the tokens of a text."""
    length = len(text) if text.isascii() else len(text.encode("utf-8", "replace"))
    return math.ceil(length / CHARACTERS)


def size(message: Message) -> int:
    """About the tokens that a message takes in a request."""
    return PER_MESSAGE + sum(_part(part) for part in message.parts)


def _part(part: Part) -> int:
    match part:
        case Text(text=text) | Reasoning(text=text):
            return tokens_of(text)
        case Image():
            return PER_IMAGE
        case ToolCall():
            return tokens_of(part.name) + tokens_of(msgspec.json.encode(part.arguments).decode())
        case ToolResult():
            return tokens_of(part.content) + PER_IMAGE * len(part.images)
