"""A provider for each protocol, without what the registry dresses it in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ion_core.providers.anthropic import AnthropicWire
from ion_core.providers.anthropic_quirks import AnthropicQuirks
from ion_core.providers.credential import Credential
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.google import GoogleWire
from ion_core.providers.google_quirks import GoogleQuirks
from ion_core.providers.openai_chat import ChatWire
from ion_core.providers.openai_responses import ResponsesWire
from ion_core.providers.openai_responses_quirks import ResponsesQuirks
from ion_core.providers.quirks import Quirks
from ion_core.providers.wire import Blobs
from ion_core.providers.wired import Wired

if TYPE_CHECKING:
    from httpx import AsyncBaseTransport


def openai_chat(
    endpoint: Endpoint,
    credential: Credential | None = None,
    transport: AsyncBaseTransport | None = None,
    *,
    blobs: Blobs | None = None,
) -> Wired[Quirks]:
    return Wired(endpoint, ChatWire(endpoint, blobs), credential, transport)


def anthropic(
    endpoint: Endpoint,
    credential: Credential | None = None,
    transport: AsyncBaseTransport | None = None,
    *,
    blobs: Blobs | None = None,
) -> Wired[AnthropicQuirks]:
    return Wired(endpoint, AnthropicWire(endpoint, blobs), credential, transport)


def openai_responses(
    endpoint: Endpoint,
    credential: Credential | None = None,
    transport: AsyncBaseTransport | None = None,
    *,
    blobs: Blobs | None = None,
) -> Wired[ResponsesQuirks]:
    return Wired(endpoint, ResponsesWire(endpoint, blobs), credential, transport)


def google(
    endpoint: Endpoint,
    credential: Credential | None = None,
    transport: AsyncBaseTransport | None = None,
    *,
    blobs: Blobs | None = None,
) -> Wired[GoogleQuirks]:
    return Wired(endpoint, GoogleWire(endpoint, blobs), credential, transport)
