"""What people, models and tools say to one another: messages made of parts.

The shapes are neutral: each provider translates them to its own wire and back. Bytes of images
live in the blob store; a part names them by their SHA-256.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ion_core.ids import CallId
from ion_core.usage import Usage

Role: TypeAlias = Literal["user", "assistant", "tool"]

Status: TypeAlias = Literal["ok", "error", "denied", "cancelled", "indeterminate"]
"""How a call ended; ``indeterminate`` means that the process died before anybody knew."""

StopReason: TypeAlias = Literal[
    "end_turn",
    "tool_use",
    "max_tokens",
    "context_overflow",
    "refusal",
    "content_filter",
    "pause",
    "malformed_tool_call",
    "error",
    "incomplete",
    "interrupted",
    "other",
]
"""Why an answer ended. ``incomplete``: the connection closed first. ``interrupted``: a person."""

PARTIAL = frozenset({"interrupted", "incomplete", "error"})
"""The reasons of answers that came to no end: none of their calls is run."""


class Text(Struct, frozen=True, kw_only=True, tag_field="kind", tag="text", omit_defaults=True):
    """Words for people. ``opaque`` (the provider's own fields) is replayed to the same origin
    only."""

    text: str
    opaque: dict[str, Any] | None = None


class Reasoning(Struct, frozen=True, kw_only=True, tag_field="kind", tag="reasoning"):
    """What the model thought.

    ``signature`` and ``opaque`` (the provider's own fields) are replayed to the same origin only.
    """

    text: str
    signature: str | None = None
    opaque: dict[str, Any] | None = None


class Image(Struct, frozen=True, kw_only=True, tag_field="kind", tag="image"):
    """A picture in the blob store."""

    media_type: str
    sha256: str


class ToolCall(Struct, frozen=True, kw_only=True, tag_field="kind", tag="tool_call"):
    """A model's wish to run a tool.

    ``malformed`` holds the argument text when it was not a JSON object; ``arguments`` is then
    empty and the call is answered with an error. ``opaque`` (the provider's own fields, such as a
    thought signature) is replayed to the same origin only.
    """

    id: CallId
    name: str
    arguments: dict[str, Any]
    malformed: str | None = None
    opaque: dict[str, Any] | None = None


class Display(Struct, frozen=True, kw_only=True):
    """What a person sees of a result. It never reaches a model.

    ``target`` is the file, command or pattern; ``summary`` a few words ("212 lines", "+2 −1");
    ``diff`` a unified diff; ``output`` plain text; ``duration_ms`` the time the tool took.
    """

    target: str = ""
    summary: str = ""
    diff: str = ""
    output: str = ""
    exit_code: int | None = None
    duration_ms: int | None = None


class ToolResult(Struct, frozen=True, kw_only=True, tag_field="kind", tag="tool_result"):
    """The one answer to a call. ``content`` is exactly what the model reads."""

    call: CallId
    name: str
    status: Status
    content: str
    images: tuple[Image, ...] = ()
    display: Display | None = None


Part: TypeAlias = Text | Reasoning | Image | ToolCall | ToolResult


class Origin(Struct, frozen=True, kw_only=True):
    """Where an answer came from. Signatures are replayed to an equal origin only."""

    protocol: str
    provider: str
    base_url: str
    model: str


class Message(Struct, frozen=True, kw_only=True, tag_field="kind", tag="message"):
    """One message. ``origin``, ``stop`` and ``usage`` are set on an assistant's."""

    role: Role
    parts: tuple[Part, ...]
    origin: Origin | None = None
    stop: StopReason | None = None
    usage: Usage | None = None

    @property
    def text(self) -> str:
        """Its text parts, joined."""
        return "".join(part.text for part in self.parts if isinstance(part, Text))

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """Its tool calls, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolCall))

    @property
    def results(self) -> tuple[ToolResult, ...]:
        """Its tool results, in order."""
        return tuple(part for part in self.parts if isinstance(part, ToolResult))


def user(text: str) -> Message:
    """A person's message."""
    return Message(role="user", parts=(Text(text=text),))


def answered(result: ToolResult) -> Message:
    """A tool's message: one result."""
    return Message(role="tool", parts=(result,))
