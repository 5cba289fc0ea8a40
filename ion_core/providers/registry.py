"""From an endpoint to its provider."""

from __future__ import annotations

from ion_core.errors import ConfigError
from ion_core.providers.base import Provider
from ion_core.providers.endpoint import Endpoint


def build(endpoint: Endpoint) -> Provider:
    """The provider that speaks the endpoint's protocol. Raises ``ConfigError`` for others."""
    match endpoint.protocol:
        case "openai-chat":
            from ion_core.providers.openai_chat import OpenAIChat  # start-up: not for scripts

            return OpenAIChat(endpoint)
        case "scripted":
            from ion_core.providers.scripted import scripted  # start-up: rarely used

            return scripted(endpoint)
        case other:
            raise ConfigError(f"The protocol {other!r} of {endpoint.name!r} is not spoken yet.")
