"""The door of the providers' room: what a model is asked, and what it answers.

A provider translates a neutral :class:`Request` to its own wire and its stream back to chunks. It
never retries, never runs tools and knows nothing of sessions.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Literal, Protocol, TypeAlias

from msgspec import Struct

from ion_core.events import Channel
from ion_core.messages import Message, Origin, Part, StopReason
from ion_core.usage import Price, Usage

ToolMode: TypeAlias = Literal["native", "text", "constrained"]
"""How a model calls tools: by the wire's own calls, by fenced JSON in its text, or by answers that
a JSON schema constrains."""


class ToolSpec(Struct, frozen=True, kw_only=True):
    """A tool as the model sees it. ``schema`` is a JSON schema of an object, without ``$ref``."""

    name: str
    description: str
    schema: dict[str, Any]


class Request(Struct, frozen=True, kw_only=True):
    """One question to a model.

    ``messages`` obey the rule that every call is answered directly after the message that made
    it. ``effort`` is the reasoning effort in the field's words ("low", "high"), empty for the
    model's default. ``schema``, when set, constrains the whole answer to that JSON schema.
    """

    model: str
    system: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    max_output: int | None = None
    temperature: float | None = None
    effort: str = ""
    schema: dict[str, Any] | None = None
    cache_key: str = ""


class PartDelta(Struct, frozen=True, kw_only=True):
    """More of part ``index`` of the answer; ``tool`` names the tool whose arguments these are."""

    index: int
    channel: Channel
    text: str
    tool: str = ""


class PartDone(Struct, frozen=True, kw_only=True):
    """Part ``index`` is complete. Each part is done exactly once, before :class:`Finished`."""

    index: int
    part: Part


class Finished(Struct, frozen=True, kw_only=True):
    """The terminal chunk. ``raw`` is the wire's own stop reason; ``usage`` None when not told.
    ``cost_nano`` is what the provider itself says that it charges (1e-9 USD), None when it says
    nothing of it; ``explanation`` its sentence on why it declined, if it has one."""

    stop: StopReason
    usage: Usage | None = None
    cost_nano: int | None = None
    model: str = ""
    response_id: str = ""
    raw: str = ""
    explanation: str = ""


Chunk: TypeAlias = PartDelta | PartDone | Finished


class ModelInfo(Struct, frozen=True, kw_only=True):
    """What is known of a model. ``window`` and ``max_output`` are in tokens, 0 when unknown;
    ``answer`` is how many an answer may have that a person asked for, 0 when nobody did.

    ``name`` is what its maker calls it; ``efforts`` are those that it is known to take, weakest
    first (empty: not known); ``released`` is an ISO date; ``successor`` the model to use instead
    of one that is deprecated. ``quirks`` are fields of the protocol's own quirks that a person
    set.
    """

    provider: str
    id: str
    name: str = ""
    window: int = 0
    max_output: int = 0
    answer: int = 0
    vision: bool = False
    reasoning: bool = False
    efforts: tuple[str, ...] = ()
    tool_mode: ToolMode = "native"
    tool_streaming: bool = True
    price: Price | None = None
    released: str = ""
    deprecated: bool = False
    successor: str = ""
    quirks: dict[str, Any] = {}

    @property
    def ref(self) -> str:
        """``provider/model``, as people write it."""
        return f"{self.provider}/{self.id}"


class Provider(Protocol):
    """One endpoint. ``stream`` raises a ``ProviderError`` on entry or from the iteration; leaving
    its block closes the socket."""

    name: str

    def stream(self, request: Request) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]: ...

    def origin(self, model: str) -> Origin: ...

    async def models(self) -> Sequence[ModelInfo]: ...

    async def aclose(self) -> None: ...
