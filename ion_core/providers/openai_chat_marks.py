"""Cache breakpoints in a chat completion, for models that cache only where they are told to.

Claude through a router, and Qwen at Alibaba. At most three marks of the four that are allowed: the
system prompt (which tools precede), the end of the conversation, and the end it had a request ago,
so that a long batch of results still finds what was written. Marks come and go, the rest of a
message never changes by them.
"""

from __future__ import annotations

from typing import Any

from ion_core.providers.quirks import Marks

_MARK = {"type": "ephemeral"}


def marked(messages: list[dict[str, Any]], marks: Marks) -> list[dict[str, Any]]:
    """The messages, with marks where ``marks`` wants them. All but the assistant's have their
    content in parts then, since only parts can be marked."""
    if marks == "none":
        return messages
    parted = [_parted(message) for message in messages]
    for index in _ends(parted) if marks == "turns" else _system(parted):
        parted[index] = _with_mark(parted[index])
    return parted


def _parted(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    if message["role"] == "assistant" or not isinstance(content, str) or not content:
        return message
    return message | {"content": [{"type": "text", "text": content}]}


def _system(messages: list[dict[str, Any]]) -> list[int]:
    return [0] if messages and messages[0]["role"] == "system" else []


def _ends(messages: list[dict[str, Any]]) -> list[int]:
    """The system prompt, and the last messages before an answer: the coming one and the last."""
    said = [index for index, message in enumerate(messages) if _answerable(messages, index)]
    return [*_system(messages), *said[-2:]]


def _answerable(messages: list[dict[str, Any]], index: int) -> bool:
    following = messages[index + 1]["role"] if index + 1 < len(messages) else "assistant"
    message = messages[index]
    ends = message["role"] in ("user", "tool") and following == "assistant"
    return ends and any(map(_markable, message["content"]))


def _with_mark(message: dict[str, Any]) -> dict[str, Any]:
    content = message["content"]
    last = max(n for n, part in enumerate(content) if _markable(part))
    parts = [
        part | {"cache_control": _MARK} if n == last else part for n, part in enumerate(content)
    ]
    return message | {"content": parts}


def _markable(part: Any) -> bool:
    return isinstance(part, dict) and part.get("type") == "text"
