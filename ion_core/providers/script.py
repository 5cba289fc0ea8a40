"""The script of a scripted provider: what it answers, request by request.

A file of it is a JSON list of steps, all fields optional::

    [{"reasoning": "Let me look.", "text": "I read it.",
      "calls": [{"name": "read", "arguments": {"path": "a.py"}}],
      "usage": {"input": 120, "output": 30}, "delay_s": 0.01, "stop": "end_turn",
      "error": {"kind": "overloaded", "message": "Busy.", "retry_after": 1.0}}]

``delay_s`` passes before every delta; ``error`` is raised after what the step said.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from ion_core.errors import ConfigError, ProviderError
from ion_core.ids import CallId
from ion_core.messages import Message, Part, Reasoning, StopReason, Text, ToolCall
from ion_core.providers.base import Request
from ion_core.usage import Usage


class Reply(Struct, frozen=True, kw_only=True):
    """One answer of a script.

    Usage is counted from the characters when it is None. ``error`` is raised after the parts;
    ``gate`` holds the stream open, after its parts and before its end, until it is set.
    """

    parts: tuple[Part, ...] = ()
    usage: Usage | None = None
    cost_nano: int | None = None
    stop: StopReason | None = None
    explanation: str = ""
    delay_s: float = 0.0
    error: Exception | None = None
    gate: asyncio.Event | None = None


Step: TypeAlias = (
    str | list[Part] | tuple[Part, ...] | Message | Exception | Reply | Callable[[Request], "Step"]
)
"""A reply, or something that stands for one: words, parts, a message, an error to raise, or a
function of the request that returns a step."""


class _Call(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str
    arguments: dict[str, Any] = {}
    id: str = ""


class _Error(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kind: str = "overloaded"
    message: str = "The script says so."
    retryable: bool | None = None
    retry_after: float | None = None


class _Line(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reasoning: str = ""
    text: str = ""
    calls: tuple[_Call, ...] = ()
    usage: Usage | None = None
    stop: StopReason | None = None
    delay_s: float = 0.0
    error: _Error | None = None


def load_script(path: Path) -> list[Step]:
    """The steps of a script file. Raises ``ConfigError`` when it cannot be read."""
    try:
        lines = msgspec.json.decode(path.read_bytes(), type=tuple[_Line, ...])
    except OSError as error:
        raise ConfigError(
            f"The script cannot be read: {error.strerror}.", file=str(path)
        ) from error
    except msgspec.DecodeError as error:
        raise ConfigError(f"This is not a script: {error}.", file=str(path)) from error
    return [_from_line(line, path) for line in lines]


def _from_line(line: _Line, path: Path) -> Reply:
    parts: list[Part] = []
    if line.reasoning:
        parts.append(Reasoning(text=line.reasoning))
    if line.text:
        parts.append(Text(text=line.text))
    parts += [
        ToolCall(
            id=CallId(call.id or f"call_{os.urandom(6).hex()}"),
            name=call.name,
            arguments=call.arguments,
        )
        for call in line.calls
    ]
    error = _from_error(line.error, path) if line.error else None
    return Reply(
        parts=tuple(parts), usage=line.usage, stop=line.stop, delay_s=line.delay_s, error=error
    )


def _from_error(error: _Error, path: Path) -> ProviderError:
    for known in ProviderError.__subclasses__():
        made = known(error.message, retryable=error.retryable, retry_after=error.retry_after)
        if made.kind == error.kind:
            return made
    raise ConfigError(f"No provider error is of the kind {error.kind!r}.", file=str(path))
