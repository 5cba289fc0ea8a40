"""From an endpoint to the provider that speaks its protocol, dressed for its models' tool modes.

Modules of protocols and of tool modes are imported when an endpoint needs them: a run pays for the
one it uses.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import urlsplit

from ion_core.errors import ConfigError
from ion_core.messages import Origin
from ion_core.providers.base import Chunk, ModelInfo, Provider, Request, ToolMode
from ion_core.providers.copilot_headers import is_copilot
from ion_core.providers.credential import Credential
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.wire import Blobs, Wire

PROTOCOLS = ("anthropic-messages", "google-generate", "openai-chat", "openai-responses", "scripted")
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def build(
    endpoint: Endpoint, credential: Credential | None = None, blobs: Blobs | None = None
) -> Provider:
    """The provider of an endpoint; without a ``credential``, its fixed key is used. Raises
    ``ConfigError`` for an unknown protocol."""
    provider = _speaking(endpoint, credential, blobs)
    modes = {info.tool_mode for info in endpoint.models.values()}
    if modes <= {"native"} and not _is_loopback(endpoint):
        return provider
    return ModelModes(provider, endpoint)


def wire(endpoint: Endpoint, blobs: Blobs | None = None) -> Wire[Any]:
    """How an endpoint is written to and read. Raises ``ConfigError`` for a protocol that ion does
    not speak over a wire."""
    match endpoint.protocol:
        case "anthropic-messages":
            from ion_core.providers.anthropic import AnthropicWire

            return AnthropicWire(endpoint, blobs)
        case "google-generate":
            from ion_core.providers.google import GoogleWire

            return GoogleWire(endpoint, blobs)
        case "openai-chat":
            from ion_core.providers.openai_chat import ChatWire

            return ChatWire(endpoint, blobs)
        case "openai-responses":
            from ion_core.providers.openai_responses import ResponsesWire

            return ResponsesWire(endpoint, blobs)
    raise ConfigError(
        f"[providers.{endpoint.name}] protocol = {endpoint.protocol!r} is none that ion speaks: "
        f"{', '.join(PROTOCOLS)}."
    )


def _speaking(endpoint: Endpoint, credential: Credential | None, blobs: Blobs | None) -> Provider:
    if endpoint.protocol == "scripted":
        from ion_core.providers.scripted import scripted

        return scripted(endpoint)
    spoken = wire(endpoint, blobs)
    from ion_core.providers.wired import Wired  # start-up: a script needs no HTTP

    if endpoint.protocol == "openai-chat" and is_copilot(endpoint.base_url):
        from ion_core.providers.copilot import Copilot

        return Copilot(endpoint, lambda way: Wired(way, wire(way, blobs), credential))
    return Wired(endpoint, spoken, credential)


class ModelModes:
    """A provider whose models differ in how they call tools: each request goes the way of its
    model. A native model of a local server is also understood when it writes its calls as text,
    which many do."""

    def __init__(self, inner: Provider, endpoint: Endpoint) -> None:
        self._inner, self._endpoint, self.name = inner, endpoint, inner.name
        self._ways: dict[ToolMode, Provider] = {}

    def stream(self, request: Request) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        return self._way(self._endpoint.model(request.model).tool_mode).stream(request)

    def origin(self, model: str) -> Origin:
        return self._inner.origin(model)

    async def models(self) -> Sequence[ModelInfo]:
        return await self._inner.models()

    async def aclose(self) -> None:
        await self._inner.aclose()

    def _way(self, mode: ToolMode) -> Provider:
        if mode not in self._ways:
            self._ways[mode] = _dressed(self._inner, mode, _is_loopback(self._endpoint))
        return self._ways[mode]


def _dressed(inner: Provider, mode: ToolMode, local: bool) -> Provider:
    if mode == "constrained":
        from ion_core.providers.constrained import ConstrainedProvider

        return ConstrainedProvider(inner)
    if mode == "native" and not local:
        return inner
    from ion_core.providers.tool_text import ToolTextProvider

    return ToolTextProvider(inner, describe=mode == "text")


def _is_loopback(endpoint: Endpoint) -> bool:
    return urlsplit(endpoint.base_url).hostname in _LOOPBACK
