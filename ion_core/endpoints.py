"""From settings to endpoints: addresses composed, models described.

What is known of a model comes, strongest first, from the settings, from its own server, and from
the catalogue; this module knows only how the one is laid over the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from ion_core.config.builtin import BUILTIN
from ion_core.config.paths import ion_home
from ion_core.config.provider_schema import ModelSettings, ProviderSettings
from ion_core.errors import ConfigError
from ion_core.providers.base import ModelInfo
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.vertex import vertex_url

_PUBLISHERS = {"google-generate": "google", "anthropic-messages": "anthropic"}
"""Whose models a protocol reaches on Vertex AI."""
_REGIONS = ("AWS_REGION", "AWS_DEFAULT_REGION")


def endpoint_of(name: str, settings: ProviderSettings, env: Mapping[str, str]) -> Endpoint:
    """The endpoint of a ``[providers.NAME]``, without its models. Its address is empty where the
    settings do not say enough."""
    folder = trace_folder(env)
    return Endpoint(
        name=name,
        base_url=address(name, settings, env),
        protocol=settings.protocol,
        headers=settings.headers,
        extra_body=settings.extra_body,
        connect_timeout_s=settings.connect_timeout_s,
        idle_timeout_s=settings.idle_timeout_s,
        trace_folder=folder,
        untold=_untold(env) if folder else (),
        routing=msgspec.to_builtins(settings.routing),
        models={},
    )


def _untold(env: Mapping[str, str]) -> tuple[str, ...]:
    from ion_core.known_secrets import known_secrets  # start-up: a trace alone needs them

    return known_secrets(ion_home(env), Path.cwd(), env)


def trace_folder(env: Mapping[str, str]) -> str:
    """Where HTTP is written down: ion's logs when ``ION_LOG`` asks for it, else "" (nowhere)."""
    return str(ion_home(env) / "logs") if env.get("ION_LOG", "").lower() == "debug" else ""


def address(name: str, settings: ProviderSettings, env: Mapping[str, str]) -> str:
    """The API root: the one that was set, or the one that a project and a region make."""
    built_in = BUILTIN[name].base_url if name in BUILTIN else ""
    if settings.base_url not in ("", built_in):
        return settings.base_url.rstrip("/")
    if settings.project and settings.protocol in _PUBLISHERS:
        return vertex_url(settings.project, settings.location, _PUBLISHERS[settings.protocol])
    if name == "bedrock":
        region = settings.location or next((env[each] for each in _REGIONS if env.get(each)), "")
        return bedrock(region, settings.protocol) if region else ""
    return settings.base_url.rstrip("/")


def bedrock(region: str, protocol: str) -> str:
    """Bedrock's root in the shape of a protocol (docs.aws.amazon.com, "Endpoints supported by
    Amazon Bedrock")."""
    if protocol == "anthropic-messages":
        return f"https://bedrock-mantle.{region}.api.aws/anthropic"
    return f"https://bedrock-runtime.{region}.amazonaws.com/openai/v1"


def checked(name: str, endpoint: Endpoint) -> Endpoint:
    """The same endpoint. Raises ``ConfigError`` when it has no address that can be asked."""
    if not endpoint.base_url:
        wanted = "location us-east-1" if name == "bedrock" else "base_url https://…"
        raise ConfigError(
            f"The provider {name!r} needs an address: ion config set providers.{name}.{wanted}"
        )
    if endpoint.protocol != "scripted" and not _is_address(endpoint.base_url):
        raise ConfigError(
            f"providers.{name}.base_url is {endpoint.base_url!r}, which is no address. "
            "Write it like http://127.0.0.1:8080/v1."
        )
    return endpoint


def laid_over(known: ModelInfo, settings: ModelSettings | None) -> ModelInfo:
    """``known`` with everything that the settings say of the model."""
    if settings is None:
        return known
    told = {
        "window": settings.context_window or None,
        "max_output": settings.max_output or None,
        "answer": settings.max_output or None,
        "vision": settings.vision,
        "reasoning": settings.reasoning,
        "tool_streaming": settings.tool_streaming,
        "tool_mode": settings.tool_mode,
        "price": settings.price,
        "quirks": settings.quirks or None,
    }
    return replace(known, **{name: value for name, value in told.items() if value is not None})


def _is_address(url: str) -> bool:
    """Whether it names a host that can be asked over HTTP."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port above 65535, or half an IPv6 address
        return False
