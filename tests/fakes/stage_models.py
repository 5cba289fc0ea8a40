"""The models and accounts of a stage: lists that a test fills, and logins that it answers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Self

from ion_core.accounts import Account
from ion_core.errors import IonError
from ion_core.providers.auth.companion import Companion, Way
from ion_core.providers.base import ModelInfo

MODELS = (
    ModelInfo(provider="mock", id="test-model", window=200_000, reasoning=True),
    ModelInfo(provider="mock", id="other-model", window=32_000),
)


class StageAccounts:
    """``flows`` say what a login does; without one it asks for a key and keeps it in ``kept``."""

    def __init__(self) -> None:
        self.known = [
            Account(provider="openai", ways=("key",), source=""),
            Account(provider="openrouter", ways=("browser", "key"), source=""),
            Account(provider="chatgpt", ways=("browser", "device"), source="", notice="Opt in."),
            Account(provider="ollama", ways=("key",), source=""),
            Account(provider="local", ways=(), source=""),
        ]
        self.kept: dict[str, str] = {}
        self.flows: dict[str, Callable[[Companion], Awaitable[None]]] = {}

    def all(self) -> list[Account]:
        return self.known

    def account(self, provider: str) -> Account:
        return next(account for account in self.known if account.provider == provider)

    async def log_in(self, provider: str, way: Way, companion: Companion) -> None:
        if provider in self.flows:
            await self.flows[provider](companion)
        else:
            self.kept[provider] = await companion.ask(f"The key of {provider}:", secret=True)


class StageModels:
    """What a runtime knows of models. ``refusals`` are raised by the tries to come, in order."""

    def __init__(self) -> None:
        self.listed = list(MODELS)
        self.model, self.models_dated = "mock/test-model", "2026-11-20"
        self.favourites: tuple[str, ...] = ()
        self.recent: list[str] = []
        self.accounts = StageAccounts()
        self.refusals: list[IonError] = []
        self.tried: list[str] = []
        self.limits: dict[str, float] = {}
        self.fetching = asyncio.Event()

    async def models(self) -> list[ModelInfo]:
        return self.listed

    async def models_at(self, provider: str) -> list[ModelInfo]:
        return [info for info in self.listed if info.provider == provider]

    async def try_model(self, ref: str) -> None:
        self.tried.append(ref)
        if self.refusals:
            raise self.refusals.pop(0)

    async def set_default_model(self, ref: str) -> None:
        self.model = ref

    async def set_limit(self, name: str, value: float) -> None:
        self.limits[name] = value

    async def favour(self, ref: str, on: bool) -> None:
        rest = tuple(known for known in self.favourites if known != ref)
        self.favourites = (*rest, ref) if on else rest

    async def recent_models(self) -> list[str]:
        return self.recent

    async def needs_local_consent(self) -> bool:
        return not self.model

    async def install_local(self, progress: Any) -> None:
        await asyncio.to_thread(progress, "Fetching", 600_000_000, 1_200_000_000)
        await self.fetching.wait()
        self.model = "local/small"

    @property
    def roster(self) -> Self:
        return self

    async def default(self) -> str:
        return self.model
