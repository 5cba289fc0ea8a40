"""Every provider's key: where it comes from, and how a person gets one.

Joins the settings, the environment and what ``ion login`` keeps. Asking what there is costs
microseconds; commands, keyrings and servers are asked when a request needs its key.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from ion_core.config.builtin import BUILTIN
from ion_core.config.keys import key_sources, read_key
from ion_core.config.provider_schema import ProviderSettings
from ion_core.config.schema import Settings
from ion_core.errors import ConfigError, Unauthorised
from ion_core.ids import Clock
from ion_core.providers.auth.late_key import LateKey
from ion_core.providers.credential import Credential, FixedKey, Granted

# Start-up: most runs have a key in the settings or the environment and nothing kept.
if TYPE_CHECKING:
    from ion_core.providers.auth.companion import Companion, Way
    from ion_core.providers.auth.flows import Flows
    from ion_core.providers.auth.logins import Login
    from ion_core.providers.auth.servers import Servers
    from ion_core.providers.auth.vault import Vault

LOGIN, LOGINS = "login", "auth.json"
_WAYS: dict[str, tuple[Way, ...]] = {
    "chatgpt": ("browser", "device"),
    "copilot": ("device",),
    "openrouter": ("browser", "key"),
    "local": (),
}
"""Every other provider takes a key."""


class Account(Struct, frozen=True, kw_only=True):
    """What is known of a provider's key, without the key.

    ``source`` is what wins now: "" (nothing), "config", "command", "file", the name of a variable,
    or "login"; ``also`` are those that would win without it. ``variable`` is the one that is
    looked at. ``notice`` is what a person must know before logging in.
    """

    provider: str
    ways: tuple[Way, ...]
    source: str
    also: tuple[str, ...] = ()
    variable: str = ""
    notice: str = ""


class Accounts:
    """The keys of the providers in ``settings``. ``pause`` waits between two looks at a login."""

    def __init__(
        self,
        settings: Settings,
        env: Mapping[str, str],
        home: Path,
        *,
        addresses: Servers | None = None,
        clock: Clock = time.time,
        pause: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._providers, self._env, self._home = settings.providers, env, home
        self._addresses, self._clock, self._pause = addresses, clock, pause
        self._opened: Vault | None = None
        self._chosen_for: dict[str, tuple[object, Credential]] = {}

    @property
    def complaints(self) -> tuple[str, ...]:
        """Sentences about the file of logins that a person should see, such as that others could
        read it."""
        return tuple(self._opened.store.complaints) if self._opened else ()

    def all(self) -> list[Account]:
        """Every provider's account, in the order of the settings."""
        return [self.account(name) for name in self._providers]

    def account(self, provider: str) -> Account:
        """The account of one provider. Raises ``ConfigError`` for an unknown one."""
        settings = self._known(provider)
        sources = (*self._sources(provider), "")
        return Account(
            provider=provider,
            ways=() if settings.protocol == "scripted" else _WAYS.get(provider, ("key",)),
            source=sources[0],
            also=sources[1:-1],
            variable=settings.api_key_env,
            notice=_notice(provider),
        )

    def has_key(self, provider: str) -> bool:
        """Whether something gives a key. Runs no command and opens no keyring; never raises."""
        return bool(self._sources(provider))

    def credential(self, provider: str) -> Credential:
        """What lets this provider's requests in, now and after a login or logout. Never raises;
        its ``grant`` does."""
        return _Chosen(lambda: self._chosen(provider))

    async def log_in(
        self, provider: str, way: Way, companion: Companion, *, agreed: bool = False
    ) -> None:
        """Get a key or tokens and keep them. With ``agreed``, the person need not be asked whether
        they take the notice, or keep a key that looks like another vendor's.

        Raises ``ProviderError`` and ``ConfigError`` with a sentence, and ``CancelledError`` when
        the person gives up; nothing is changed then.
        """
        self._check_way(provider, way)
        self._flows(provider).check(provider)
        if notice := _notice(provider):
            from ion_core.providers.auth.companion import agrees

            companion.tell(notice)
            if not agreed and not await agrees(companion, "Log in all the same?"):
                raise ConfigError("Nothing was changed.")
        await self._vault.keep(provider, await self._made(provider, way, companion, agreed))
        self._chosen_for.pop(provider, None)
        winner = self._sources(provider)[0]
        if winner != LOGIN:
            companion.tell(f"Logged in, but {_named(winner)} gives a key too, and wins.")

    async def log_out(self, provider: str, companion: Companion | None = None) -> bool:
        """Forget a login; whether there was one. It is ended at its server where that is possible;
        ``companion`` is told what remains to be done there. Raises ``ConfigError``."""
        login = await self._vault.forget(provider)
        self._chosen_for.pop(provider, None)
        if login is None:
            return False
        remains = await self._flows(provider).log_out(provider, login)
        if companion is not None and remains:
            companion.tell(remains)
        return True

    def _known(self, provider: str) -> ProviderSettings:
        if provider not in self._providers:
            from ion_core.providers.auth.terms import refusal

            raise ConfigError(refusal(provider, "key") or _unknown(provider, self._providers))
        return self._providers[provider]

    def _check_way(self, provider: str, way: Way) -> None:
        ways = self.account(provider).ways
        if way in ways:
            return
        if not ways:
            raise ConfigError(f"{provider} needs no login.")
        from ion_core.providers.auth.terms import refusal

        if why := refusal(provider, way):
            raise ConfigError(why)
        raise ConfigError(f"{provider} has no login by {way}. It has: {', '.join(ways)}.")

    def _sources(self, provider: str) -> tuple[str, ...]:
        settings = self._providers.get(provider)
        named = key_sources(settings, self._env) if settings else ()
        return (*named, LOGIN) if self._login(provider) else named

    def _login(self, provider: str) -> Login | None:
        """What ``ion login`` keeps for a provider. A file that is not there is not read."""
        if self._opened is None and not (self._home / LOGINS).exists():
            return None
        return self._vault.login(provider)

    @property
    def _vault(self) -> Vault:
        if self._opened is None:
            from ion_core.providers.auth.vault import Vault

            self._opened = Vault(self._env, self._home, self._clock)
        return self._opened

    @property
    def _servers(self) -> Servers:
        from ion_core.providers.auth.servers import Servers

        return self._addresses or Servers()

    def _chosen(self, provider: str) -> Credential:
        """The credential for what wins now; another one only when that has changed."""
        login = self._login(provider)
        by_login = self._sources(provider)[:1] == (LOGIN,)
        basis = (by_login and login is not None and _basis(login),)
        if provider not in self._chosen_for or self._chosen_for[provider][0] != basis:
            made = self._credential(provider, login if by_login else None)
            self._chosen_for[provider] = (basis, made)
        return self._chosen_for[provider][1]

    def _credential(self, provider: str, login: Login | None) -> Credential:
        if login is None:
            return LateKey(lambda: self._named_key(provider))
        from ion_core.providers.auth.logins import InKeychain, KeptKey, Tokens

        match login:
            case Tokens():
                from ion_core.providers.auth.plan_key import PlanKey  # start-up: for that plan

                return PlanKey(self._vault.store, self._servers.openai, self._clock)
            case KeptKey(key=key):
                return FixedKey(key)
            case InKeychain():
                return LateKey(lambda: self._vault.key(provider))

    async def _named_key(self, provider: str) -> str:
        """The key that settings or environment name, ready to use; "" where none is needed."""
        settings = self._providers.get(provider, ProviderSettings())
        key = await read_key(provider, settings, self._env)
        if key:
            from ion_core.providers.auth.key_shape import usable

            return usable(provider, key)
        if settings.api_key_env or _notice(provider):
            raise Unauthorised(" ".join([_missing(provider, settings), *self.complaints]))
        return ""

    def _flows(self, provider: str) -> Flows:
        from ion_core.providers.auth.copilot import site_of
        from ion_core.providers.auth.flows import Flows  # start-up: for logging in and out alone

        settings = self._providers.get(provider, ProviderSettings())
        servers = replace(self._servers, github=site_of(settings.base_url, self._servers.github))
        return Flows(servers, settings.client_id, self._clock, self._pause)

    async def _made(self, provider: str, way: Way, companion: Companion, agreed: bool) -> Login:
        if way != "key":
            return await self._flows(provider).log_in(provider, way, companion)
        from ion_core.providers.auth.flows import pasted  # start-up: as above

        return await pasted(provider, companion, foreign=provider in BUILTIN, agreed=agreed)


class _Chosen:
    """The credential of whatever wins at the moment of the request."""

    def __init__(self, choose: Callable[[], Credential]) -> None:
        self._choose = choose

    async def grant(self) -> Granted:
        return await self._choose().grant()

    async def renew(self, refused: Granted) -> bool:
        """Also true when somebody has logged in anew meanwhile."""
        chosen = self._choose()
        return await chosen.grant() != refused or await chosen.renew(refused)


def _basis(login: Login) -> object:
    """What makes another credential necessary. Tokens change with each renewal; whoever renews them
    knows of it."""
    from ion_core.providers.auth.logins import Tokens

    return type(login) if isinstance(login, Tokens) else login


def _notice(provider: str) -> str:
    """What a person must know before logging in."""
    from ion_core.providers.auth.terms import NOTICES

    return NOTICES.get(provider, "")


def _missing(provider: str, settings: ProviderSettings) -> str:
    if settings.api_key_env:
        name = settings.api_key_env
        return f"There is no key for {provider}. Set {name}, or: ion login {provider}"
    return f"Nobody is logged in to {provider}: ion login {provider}"


def _named(source: str) -> str:
    names = {"config": "the configuration", "command": "the command in the configuration"}
    names["file"] = "the key file in the configuration"
    return names.get(source, f"the variable {source}")


def _unknown(provider: str, known: Iterable[str]) -> str:
    from ion_core.config.names import nearest  # start-up: only for a wrong name

    meant = nearest(provider, known) or "."
    return f"There is no provider {provider!r}{meant} `ion auth` lists them."
