"""Accounts over the built-in providers, a private home and servers on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from ion_core.accounts import Accounts
from ion_core.config.builtin import BUILTIN
from ion_core.config.provider_schema import ProviderSettings
from ion_core.config.schema import Settings
from ion_core.providers.auth.servers import Servers
from tests.fakes.authorisation import AuthorisationServer

Make = Callable[..., Accounts]


@pytest.fixture
async def server() -> AsyncIterator[AuthorisationServer]:
    async with AuthorisationServer() as running:
        yield running


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home" / ".ion"


@pytest.fixture
def make(home: Path, tmp_path: Path) -> Make:
    """Accounts; keywords are tables of providers, ``env`` and ``server``."""

    def made(
        env: dict[str, str] | None = None,
        server: AuthorisationServer | None = None,
        providers: dict[str, ProviderSettings] | None = None,
        **options: Any,
    ) -> Accounts:
        env = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"} | (env or {})
        site = server.site if server else "http://127.0.0.1:9"
        servers = Servers(openai=site, openrouter=site, github=site, ports=(0,))
        settings = Settings(providers=BUILTIN | (providers or {}))
        return Accounts(settings, env, home, addresses=servers, **options)

    return made
