"""The words of an entry by which people find it: a title, a preview, and the text to search in.

What is searched is what somebody would remember: what was asked and answered, what was run and
touched, and how a tool's output began and failed; not the files that went by.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ion_core.entries import (
    Attachment,
    Body,
    BranchSummary,
    Compaction,
    HookContext,
    Pin,
    SkillRun,
)
from ion_core.messages import Message, Text, ToolCall, ToolResult
from ion_core.sessions.rows import storable

TITLE_LENGTH = 60
PREVIEW_LENGTH = 200
OUTPUT_LENGTH = 2048
ERROR_LINES, ERROR_LENGTH = 20, 300
TARGET_LENGTH = 1000
TARGETS = ("command", "path", "pattern", "glob", "query", "url", "description", "agent")
"""Arguments that say what a call is about."""

ECHOES = frozenset(("recall", "tool_search"))
"""Tools that say again what is found where it was said first."""

_FAILED = r"(?i)\b\w*(?:error|exception|traceback|failed|failure|panic|fatal)\b"
"""Compiled by its first use, which is after the first request."""


def title_of(text: str) -> str:
    """The first line with words in it, cut at a word to at most 60 characters."""
    line = next((" ".join(line.split()) for line in text.splitlines() if line.strip()), "")
    if len(line) > TITLE_LENGTH:
        line = line[: TITLE_LENGTH - 1]
        line = (line.rpartition(" ")[0] or line).rstrip(" ,.;:") + "…"
    return storable(line)


def preview_of(text: str) -> str:
    """The beginning as one line of at most 200 characters."""
    return storable(" ".join(text[: 4 * PREVIEW_LENGTH].split())[:PREVIEW_LENGTH])


def searchable(body: Body) -> tuple[str, str]:
    """What sort of text it is (``user``, ``assistant`` or ``tool``) and the text, perhaps empty."""
    if isinstance(body, Message):  # first, since most are
        return body.role, storable("\n".join(_lines(body)))
    if isinstance(body, BranchSummary):
        return "assistant", storable(body.text)
    if isinstance(body, Compaction):
        return "assistant", storable(body.summary)
    if isinstance(body, Attachment | Pin | SkillRun | HookContext):
        return "user", storable(body.text)
    return "", ""


def _lines(message: Message) -> list[str]:
    """Words first, then calls, then results; every import passes here for each of its entries."""
    lines = [part.text for part in message.parts if isinstance(part, Text)]
    for part in message.parts:
        if isinstance(part, ToolCall) and part.name not in ECHOES:
            lines += _targets(part)
        elif isinstance(part, ToolResult) and part.name not in ECHOES:
            lines += _output(part)
    return [line for line in lines if line]


def _targets(call: ToolCall) -> Iterator[str]:
    yield call.name
    for name in TARGETS:
        value = call.arguments.get(name)
        if isinstance(value, str):
            yield value[:TARGET_LENGTH]


def _output(result: ToolResult) -> Iterator[str]:
    if result.display is not None:
        yield result.display.target
    yield result.content[:OUTPUT_LENGTH]
    if len(result.content) <= OUTPUT_LENGTH:
        return
    failed = (
        line for line in result.content[OUTPUT_LENGTH:].splitlines() if re.search(_FAILED, line)
    )
    for line, _ in zip(failed, range(ERROR_LINES), strict=False):
        yield line[:ERROR_LENGTH]
