"""The models that can be used here, and which of them answers when nobody said.

In order: the configured model; the provider whose key is at hand; a server on loopback; the
embedded model. Providers are built once and shared by all sessions; the embedded model's server
starts when it is first needed and stops with ion.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.accounts import Accounts
from ion_core.agent.models import Choice
from ion_core.agent.small_model import small_models
from ion_core.config.builtin import BUILTIN
from ion_core.config.schema import Settings
from ion_core.embedded import LOCAL, Embedded
from ion_core.endpoints import checked, endpoint_of, laid_over
from ion_core.errors import ConfigError, Unauthorised
from ion_core.providers.base import ModelInfo, Provider
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import build
from ion_core.providers.wire import Blobs

if TYPE_CHECKING:
    from ion_core.local.install import Progress
    from ion_core.providers.catalogue.catalogue import Catalogue
    from ion_core.providers.discovery import Found

FAVOURITES = {
    "anthropic": "claude-sonnet-5-5",
    "openai": "gpt-6.1-sol",
    "google": "gemini-4-argon",
    "openrouter": "anthropic/claude-sonnet-5.5",
    "xai": "grok-4.7",
    "deepseek": "deepseek-v4-pro",
    "moonshot": "kimi-k3.1-pro",
    "zai": "glm-5.3",
    "mistral": "mistral-medium-latest",
    "groq": "openai/gpt-oss-120b",
    "cerebras": "gpt-oss-120b",
    "together": "moonshotai/Kimi-K3",
    "fireworks": "accounts/fireworks/models/kimi-k3",
    "alibaba": "qwen3-coder-plus",
    "chatgpt": "gpt-5.6",
    "copilot": "gpt-6.1-sol",
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
    """Resolves written models to providers. ``blobs`` gives them the bytes of pictures.

    Endpoints learn of models as these are asked for, so that a provider keeps its connections and
    what refusals taught it.
    """

    def __init__(
        self, settings: Settings, env: Mapping[str, str], home: Path, blobs: Blobs | None = None
    ) -> None:
        self._settings, self._env, self._home, self._blobs = settings, env, home, blobs
        self.accounts = Accounts(settings, env, home)
        self.embedded = Embedded(home)
        self._book: Catalogue | None = None
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
        name = (self._settings.model or self._by_key()).partition("/")[0]
        settings = self._settings.providers.get(name)
        if settings is not None and settings.base_url.startswith("https:"):
            from ion_core.providers.transport import warm  # start-up: not for local servers

            with suppress(OSError, ImportError, ConfigError):  # the request will say
                await asyncio.to_thread(warm, settings.base_url)

    async def default(self) -> str:
        """The model that answers when nobody said. Raises ``ConfigError`` when there is none."""
        found = self._settings.model or self._by_key() or await self._by_server()
        if found:
            return found
        if self.embedded.installed():
            return self.embedded.info.ref
        raise ConfigError(
            "There is no model to ask yet. Log in to a provider (ion login), put a key into the "
            "environment (ANTHROPIC_API_KEY, OPENAI_API_KEY, OPENROUTER_API_KEY, …), start a "
            "local server (Ollama, LM Studio, llama.cpp, vLLM), or fetch the embedded model "
            "(1.2 GB): ion local install"
        )

    async def needs_embedded(self) -> bool:
        """Whether nothing is configured or found, and the embedded model is not installed."""
        try:
            await self.default()
        except ConfigError:
            return True
        return False

    async def install_embedded(self, progress: Progress) -> None:
        """See ``Embedded.install``."""
        await self.embedded.install(progress)

    async def models(self) -> list[ModelInfo]:
        """What is configured, what a key opens, what runs on loopback, and the embedded model."""
        known = [
            self._info(name, model)
            for name, settings in self._settings.providers.items()
            for model in settings.models
        ]
        known += [info for name in self._open() for info in self.listed(name)]
        for found in await self._servers():
            known += [self._info(found.provider, model) for model in found.models]
        if self.embedded.installed():
            known.append(self.embedded.info)
        return list({info.ref: info for info in reversed(known)}.values())[::-1]

    def listed(self, name: str) -> list[ModelInfo]:
        """The catalogue's models of a provider, and its favourite, nobody being asked."""
        ids = [info.id for info in self._catalogue.models(name)]
        favourite = FAVOURITES.get(name, "")
        if favourite and favourite not in ids:
            ids.insert(0, favourite)
        return [self._info(name, model) for model in ids]

    def small_models(self, own: str) -> list[str]:
        """The models for small work beside ``own``, the best first; see ``agent/small_model.py``.
        Blocking."""
        name, model, _ = parse_ref(own)
        settings = self._settings.providers.get(name)
        if settings is None:
            return []
        known = [self._info(name, each) for each in settings.models] + self.listed(name)
        if settings.protocol == "scripted":  # a script says what it is written to say
            known = []
        return small_models(self._info(name, model), self._settings.small_model, known)

    async def models_at(self, name: str) -> list[ModelInfo]:
        """The models that a provider itself lists, or the catalogue's where it lists none. Raises
        ``ProviderError`` and ``ConfigError``."""
        if name == LOCAL:
            return [self.embedded.info] if self.embedded.installed() else []
        endpoint = await self._described(name, "")
        provider = self._built(name, endpoint)
        try:
            live = await provider.models()
        finally:
            await provider.aclose()
        told = {info.id: info for info in live}
        ids = dict.fromkeys((*self._settings.providers[name].models, *told))
        return [self._info(name, id_, told.get(id_)) for id_ in ids] or self.listed(name)

    @property
    def dated(self) -> str:
        """The date of what is known of models beforehand."""
        return self._catalogue.dated

    def obey(self, settings: Settings) -> None:
        """Choose by other settings from now on; providers that are built stay."""
        self._settings = settings

    async def aclose(self) -> None:
        """Close every connection and stop the embedded model's server."""
        for provider in (*self._providers.values(), *self._retired):
            await provider.aclose()
        await self.embedded.aclose()

    @property
    def _catalogue(self) -> Catalogue:
        if self._book is None:
            # Start-up: most commands need none.
            from ion_core.providers.catalogue.catalogue import Catalogue

            self._book = Catalogue(self._home / "cache" / "catalogue")
        return self._book

    def _open(self) -> list[str]:
        """Providers whose key is at hand, favourites first."""
        names = dict.fromkeys((*FAVOURITES, *self._settings.providers))
        known = self._settings.providers
        return [name for name in names if name in known and self.accounts.has_key(name)]

    def _by_key(self) -> str:
        """The favourite of the first provider whose key is at hand, or nothing."""
        has_key = self.accounts.has_key
        known = [name for name in FAVOURITES if name in self._settings.providers]
        return next((f"{name}/{FAVOURITES[name]}" for name in known if has_key(name)), "")

    async def _by_server(self) -> str:
        servers = [found for found in await self._servers() if found.models]
        return f"{servers[0].provider}/{servers[0].models[0]}" if servers else ""

    async def _servers(self) -> list[Found]:
        if self._found is None:
            from ion_core.providers.discovery import find_servers  # start-up: as above

            self._found = await find_servers()
        return self._found

    def _info(self, name: str, model: str, told: ModelInfo | None = None) -> ModelInfo:
        """What settings, a server (``told``) and the catalogue know of a model."""
        settings = self._settings.providers[name].models.get(model)
        listed = self._catalogue.model(name, model) if name in BUILTIN else None
        known = listed or ModelInfo(provider=name, id=model)
        if told:
            from ion_core.providers.layered import layered  # start-up: only servers tell

            known = layered(told, known)
        return laid_over(known, settings)

    async def _provider(self, name: str, model: str) -> Provider:
        """The provider, built anew when its endpoint is another one now: the embedded server was
        started again, or one more model is asked."""
        endpoint = await self._described(name, model)
        if endpoint != self._endpoints.get(name):
            built = self._built(name, endpoint)
            self._retire(name)
            self._endpoints[name], self._providers[name] = endpoint, built
        return self._providers[name]

    def _built(self, name: str, endpoint: Endpoint) -> Provider:
        return build(checked(name, endpoint), self.accounts.credential(name), self._blobs)

    def _retire(self, name: str) -> None:
        """Keep a replaced provider until the end: a turn may still be reading from it."""
        if name in self._providers:
            self._retired.append(self._providers.pop(name))

    async def _described(self, name: str, model: str) -> Endpoint:
        """The endpoint, with what is known of ``model``."""
        settings = self._settings.providers.get(name)
        if settings is None:
            raise ConfigError(f"There is no provider {name!r}. `ion models` lists what is.")
        if settings.api_key_env and not self.accounts.has_key(name):
            raise Unauthorised(
                f"There is no key for {name}. Set {settings.api_key_env} in the environment, or: "
                f"ion login {name}"
            )
        endpoint = self._endpoints.get(name) or endpoint_of(name, settings, self._env)
        if name == LOCAL and not settings.base_url:
            return await self.embedded.started(endpoint)
        if not model or model in endpoint.models:
            return endpoint
        told = await self._told(name, endpoint, model) if name in SERVERS else None
        info = self._info(name, model, told)
        if info.tool_mode != "native":  # its provider is dressed in another way
            return replace(endpoint, models={**endpoint.models, model: info})
        endpoint.models[model] = info
        return endpoint

    async def _told(self, name: str, endpoint: Endpoint, model: str) -> ModelInfo | None:
        """What a server of this machine says of its model; None when settings say enough."""
        if model in self._settings.providers[name].models:
            return None
        from ion_core.providers.discovery import Found, describe  # start-up: local servers only

        found = Found(provider=name, base_url=endpoint.base_url, models=(model,))
        return await describe(found, model)
