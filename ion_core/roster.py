"""The models that can be used here, and which of them answers when nobody said.

In order: the configured model; the provider whose key is in the environment; a server on loopback;
the embedded model. Providers are built once and shared by all sessions; the embedded model's
server starts when it is first needed and stops with ion.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from msgspec.structs import replace

from ion_core.agent.models import Choice
from ion_core.config.keys import api_key
from ion_core.config.schema import ModelSettings, ProviderSettings, Settings
from ion_core.errors import ConfigError, Unauthorised
from ion_core.providers.base import ModelInfo, Provider
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import build
from ion_core.providers.wire import Blobs

if TYPE_CHECKING:
    from ion_core.local.install import Progress
    from ion_core.local.server import LocalServer
    from ion_core.providers.discovery import Found

LOCAL = "local"
EMBEDDED_ANSWER = 2_048
"""Tokens of one answer of the embedded model: at 10 a second, more is a model that lost its way."""

FAVOURITES = {
    "openai": "gpt-5.6",
    "openrouter": "anthropic/claude-sonnet-5.5",
    "xai": "grok-4.7",
    "deepseek": "deepseek-v4-pro",
    "moonshot": "kimi-k3",
    "zai": "glm-4.7",
    "mistral": "mistral-medium-latest",
    "groq": "openai/gpt-oss-120b",
    "cerebras": "gpt-oss-120b",
    "together": "moonshotai/Kimi-K3",
    "fireworks": "accounts/fireworks/models/kimi-k3",
    "alibaba": "qwen3-coder-plus",
}
"""The model that a provider's key alone stands for, in the order in which keys are looked for."""

SERVERS = frozenset({"ollama", "lmstudio", "llamacpp", "vllm"})
"""Providers on this machine, which know best what their models can do."""

EFFORTS = frozenset({"none", "minimal", "low", "medium", "high", "xhigh", "max"})


def parse_ref(ref: str) -> tuple[str, str, str]:
    """Provider, model and effort of ``provider/model[:effort]``. Raises ``ConfigError``."""
    provider, slash, model = ref.partition("/")
    if not slash or not provider or not model:
        raise ConfigError(f"{ref!r} is not a model. Write provider/model, such as openai/gpt-5.6.")
    head, colon, effort = model.rpartition(":")
    if colon and effort in EFFORTS:
        return provider, head, effort
    return provider, model, ""


class Roster:
    """Resolves written models to providers. ``blobs`` gives them the bytes of pictures."""

    def __init__(
        self, settings: Settings, env: Mapping[str, str], home: Path, blobs: Blobs | None = None
    ) -> None:
        self._settings, self._env, self._home, self._blobs = settings, env, home, blobs
        self._server: LocalServer | None = None
        self._providers: dict[str, Provider] = {}
        self._retired: list[Provider] = []
        self._endpoints: dict[str, Endpoint] = {}
        self._found: list[Found] | None = None

    async def resolve(self, ref: str) -> Choice:
        """The choice that ``ref`` names, or with an empty one the first that is possible."""
        name, model, effort = parse_ref(ref or await self.default())
        provider = await self._provider(name, model)
        return Choice(
            provider=provider,
            model=self._endpoints[name].model(model),
            effort=effort,
            attempts=self._settings.providers[name].max_retries + 1,
        )

    async def warm(self) -> None:
        """Do in a thread what the first request to a model known by name would wait for: imports,
        and reading the certificates that TLS trusts (30 ms)."""
        ref = self._settings.model or self._by_key()
        name = ref.partition("/")[0]
        settings = self._settings.providers.get(name)
        if settings is not None and settings.base_url.startswith("https:"):
            from ion_core.providers.transport import warm  # start-up: not for local servers

            with suppress(OSError, ImportError):  # the request itself will say what is wrong
                await asyncio.to_thread(warm, settings.base_url)

    async def default(self) -> str:
        """The model that answers when nobody said. Raises ``ConfigError`` when there is none."""
        found = self._settings.model or self._by_key() or await self._by_server()
        if found:
            return found
        if self.server.installed():
            return f"{LOCAL}/{self.server.model}"
        raise ConfigError(
            "There is no model to ask yet. Put a key into the environment (OPENAI_API_KEY, "
            "OPENROUTER_API_KEY, …), start a local server (Ollama, LM Studio, llama.cpp, vLLM), "
            "or fetch the embedded model (1.2 GB): ion local install"
        )

    async def needs_embedded(self) -> bool:
        """Whether nothing is configured or found, and the embedded model is not installed."""
        try:
            await self.default()
        except ConfigError:
            return True
        return False

    async def install_embedded(self, progress: Progress) -> None:
        """Fetch the embedded model (1.2 GB), going on where an earlier try ended; ``progress`` is
        called from another thread. Raises ``ProviderError`` with a sentence."""
        from ion_core.local.install import Installation  # start-up: once in a lifetime
        from ion_core.local.place import Place

        await asyncio.to_thread(Installation(Place(self._home), progress).run)

    async def models(self) -> list[ModelInfo]:
        """What is configured, what a key alone stands for, and what runs on loopback."""
        known = {
            info.ref: info
            for name in self._settings.providers
            for info in self._endpoint(name).models.values()
        }
        for name, model in FAVOURITES.items():
            if self._key(name):
                info = self._endpoint(name).model(model)
                known.setdefault(info.ref, info)
        for found in await self._servers():
            for model in found.models:
                info = ModelInfo(provider=found.provider, id=model)
                known.setdefault(info.ref, info)
        if self.server.installed():
            info = self._embedded()
            known.setdefault(info.ref, info)
        return list(known.values())

    @property
    def server(self) -> LocalServer:
        """The embedded model's server; made, but not started, when it is first asked for."""
        if self._server is None:
            from ion_core.local.server import LocalServer  # start-up: most runs never need it

            self._server = LocalServer(self._home)
        return self._server

    async def aclose(self) -> None:
        """Close every connection and stop the embedded model's server."""
        for provider in (*self._providers.values(), *self._retired):
            await provider.aclose()
        if self._server is not None:
            await self._server.aclose()

    def _by_key(self) -> str:
        """The favourite of the first provider whose key is in the environment, or nothing."""
        return next((f"{name}/{FAVOURITES[name]}" for name in FAVOURITES if self._key(name)), "")

    async def _by_server(self) -> str:
        servers = [found for found in await self._servers() if found.models]
        return f"{servers[0].provider}/{servers[0].models[0]}" if servers else ""

    async def _servers(self) -> list[Found]:
        if self._found is None:
            from ion_core.providers.discovery import find_servers  # start-up: as above

            self._found = await find_servers()
        return self._found

    def _key(self, name: str) -> str:
        provider = self._settings.providers.get(name)
        return api_key(provider, self._env) if provider else ""

    async def _provider(self, name: str, model: str) -> Provider:
        """The provider, built anew when its endpoint is another one now: the embedded server was
        started again, or a local server was asked about one more model."""
        settings = self._settings.providers.get(name)
        if settings is None:
            raise ConfigError(f"There is no provider {name!r}. `ion models` lists what is.")
        endpoint = await self._described(name, model)
        if endpoint != self._endpoints.get(name):
            self._check(name, settings, endpoint)
            self._retire(name)
            self._endpoints[name] = endpoint
            self._providers[name] = build(endpoint, blobs=self._blobs)
        return self._providers[name]

    def _retire(self, name: str) -> None:
        """Keep a replaced provider until the end: a turn may still be reading from it."""
        if name in self._providers:
            self._retired.append(self._providers.pop(name))

    async def _described(self, name: str, model: str) -> Endpoint:
        """The endpoint, with what its own server says of a model that settings say nothing of."""
        endpoint = self._endpoints.get(name) or self._endpoint(name)
        if name == LOCAL and not self._settings.providers[name].base_url:
            return await self._started(endpoint)
        if name not in SERVERS or model in endpoint.models:
            return endpoint
        from ion_core.providers.discovery import Found, describe  # start-up: local servers only

        found = Found(provider=name, base_url=endpoint.base_url, models=(model,))
        return replace(endpoint, models={**endpoint.models, model: await describe(found, model)})

    async def _started(self, endpoint: Endpoint) -> Endpoint:
        """The embedded model's endpoint, its server running."""
        base_url = await self.server.start()
        info = self._embedded()
        return replace(endpoint, base_url=base_url, models={info.id: info})

    def _embedded(self) -> ModelInfo:
        from ion_core.local.server import CONTEXT  # start-up: as above

        return ModelInfo(
            provider=LOCAL,
            id=self.server.model,
            window=CONTEXT,
            max_output=EMBEDDED_ANSWER,
            tool_mode="constrained",
        )

    def _check(self, name: str, settings: ProviderSettings, endpoint: Endpoint) -> None:
        if not endpoint.base_url:
            raise ConfigError(
                f"The provider {name!r} needs a base_url: ion config set "
                f"providers.{name}.base_url https://…"
            )
        if endpoint.protocol != "scripted" and not _is_address(endpoint.base_url):
            raise ConfigError(
                f"providers.{name}.base_url is {endpoint.base_url!r}, which is no address. "
                "Write it like http://127.0.0.1:8080/v1."
            )
        if settings.api_key_env and not endpoint.api_key:
            raise Unauthorised(
                f"There is no key for {name}. Set {settings.api_key_env} in the environment."
            )

    def _endpoint(self, name: str) -> Endpoint:
        settings = self._settings.providers[name]
        return Endpoint(
            name=name,
            base_url=settings.base_url.rstrip("/"),
            protocol=settings.protocol,
            api_key=api_key(settings, self._env),
            headers=settings.headers,
            extra_body=settings.extra_body,
            connect_timeout_s=settings.connect_timeout_s,
            idle_timeout_s=settings.idle_timeout_s,
            models={id_: _info(name, id_, model) for id_, model in settings.models.items()},
        )


def _is_address(url: str) -> bool:
    """Whether it names a host that can be asked over HTTP."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port above 65535, or half an IPv6 address
        return False


def _info(provider: str, id_: str, model: ModelSettings) -> ModelInfo:
    """A model's settings as the rooms know it; what is not said takes the usual value."""
    return ModelInfo(
        provider=provider,
        id=id_,
        window=model.context_window,
        max_output=model.max_output,
        vision=bool(model.vision),
        reasoning=bool(model.reasoning),
        tool_mode=model.tool_mode or "native",
        tool_streaming=model.tool_streaming is not False,
        price=model.price,
    )
