"""What can be set of providers and their models: the tables under ``[providers.NAME]``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from msgspec import Meta, Struct

from ion_core.usage import Price

Count: TypeAlias = Annotated[int, Meta(ge=0)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0)]

ToolMode: TypeAlias = Literal["native", "text", "constrained"]
WireProtocol: TypeAlias = Literal[
    "openai-chat", "openai-responses", "anthropic-messages", "google-generate", "scripted"
]


class ModelSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of one model. Anything left out is found elsewhere or assumed."""

    context_window: Count = 0
    """Tokens that prompt and answer share; 0 = not known here."""
    max_output: Count = 0
    """Most tokens of one answer; 0 = not known here."""
    vision: bool | None = None
    """Whether it accepts images."""
    reasoning: bool | None = None
    """Whether it thinks before it answers."""
    tool_streaming: bool | None = None
    """Whether tools may be offered in a streamed request."""
    tool_mode: ToolMode | None = None
    """How it calls tools: by the wire's own calls, in its text, or constrained by a schema."""
    price: Price | None = None
    """US dollars per million tokens."""
    quirks: dict[str, Any] = {}
    """What this model wants of its protocol, where ion's own table is wrong."""


class RoutingSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which of its upstream providers a router may use (OpenRouter)."""

    order: tuple[str, ...] = ()
    """Tried in this order."""
    only: tuple[str, ...] = ()
    """No others than these."""
    ignore: tuple[str, ...] = ()
    """Never these."""
    quantizations: tuple[str, ...] = ()
    """Weights in these precisions alone, such as "fp8" or "bf16"."""
    sort: Literal["", "price", "throughput", "latency"] = ""
    """What matters most; empty = the router's own balance."""
    allow_fallbacks: bool | None = None
    """Whether others may answer when these cannot."""


class ProviderSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One endpoint that serves models."""

    protocol: WireProtocol = "openai-chat"
    """The wire it speaks."""
    base_url: str = ""
    """The API root, such as https://host/v1."""
    api_key: str = ""
    """The key itself, or $(command) that prints it. Prefer `api_key_env`."""
    api_key_env: str = ""
    """The environment variable that holds the key."""
    api_key_file: str = ""
    """The file that holds the key and nothing else."""
    client_id: str = ""
    """The id of your own registered app, for logins that need one (copilot)."""
    project: str = ""
    """The Google Cloud project, for Vertex AI."""
    location: str = ""
    """The region of a cloud (Vertex AI, Bedrock), such as us-east-1 or global."""
    routing: RoutingSettings = RoutingSettings()
    """What a router may choose from."""
    headers: dict[str, str] = {}
    """Headers sent with every request."""
    extra_body: dict[str, Any] = {}
    """Fields added to the body of every request."""
    connect_timeout_s: Seconds = 15.0
    """Seconds to wait for a connection."""
    idle_timeout_s: Seconds = 300.0
    """Seconds of silence after which a stream counts as broken."""
    max_retries: Count = 3
    """Attempts after the first one, before an answer has begun."""
    models: dict[str, ModelSettings] = {}
    """What is known of its models, by their id."""
