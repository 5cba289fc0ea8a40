"""Logging in to a remote server: OAuth 2.1 by the SDK, tokens in ion's own folder (0600).

Discovery, registration and refreshing are the SDK's. A connection that would need a person's
browser says so instead and waits until ``ion mcp login`` was used.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

import msgspec
from msgspec import Struct, field

from ion_core import private
from ion_core.errors import ConfigError, IonError, Unauthorised
from ion_core.providers.auth.redirect import DECLINED, Redirect

if TYPE_CHECKING:
    from ion_core.mcp.declared import Declared

NAME: Final = "mcp-auth.json"
CLIENT: Final = "ion"

Visit = Callable[[str], Awaitable[None]]
"""Sends the person's browser to an address."""


class LoginNeeded(IonError):
    """A server wants to know who is there: ``ion mcp login``."""


class Kept(Struct, frozen=True, kw_only=True):
    """What is kept of one server, as the SDK writes it."""

    tokens: dict[str, Any] | None = None
    client: dict[str, Any] | None = None


class Landing(Redirect, frozen=True, kw_only=True):
    """The address that a browser comes back to; ``seen`` is what it brought."""

    seen: dict[str, str] = field(default_factory=dict)

    def code(self, target: str) -> str:
        """See ``Redirect``."""
        parts = urlsplit(target)
        if parts.path != self.path:
            return ""
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if "error" in query:
            raise Unauthorised(DECLINED)
        self.seen.update(query)
        return query.get("code", "")


class Tokens:
    """The SDK's ``TokenStorage`` of the server at ``url``, in a file of ion's folder ``home``."""

    def __init__(self, home: Path, url: str) -> None:
        self._file, self._url = home / NAME, url

    async def get_tokens(self) -> Any:
        """The tokens, None before a login."""
        from mcp.shared.auth import OAuthToken

        kept = self._read().get(self._url, Kept()).tokens
        return None if kept is None else OAuthToken.model_validate(kept)

    async def set_tokens(self, tokens: Any) -> None:
        """Keep them. Raises ``OSError``."""
        self._change(tokens=tokens.model_dump(mode="json", exclude_none=True))

    async def get_client_info(self) -> Any:
        """What ion is registered as, None when it is not."""
        from mcp.shared.auth import OAuthClientInformationFull

        kept = self._read().get(self._url, Kept()).client
        return None if kept is None else OAuthClientInformationFull.model_validate(kept)

    async def set_client_info(self, client_info: Any) -> None:
        """Keep it. Raises ``OSError``."""
        self._change(client=client_info.model_dump(mode="json", exclude_none=True))

    def forget(self) -> bool:
        """Whether there was anything, which is gone now. Raises ``OSError``."""
        known = self._read()
        if self._url not in known:
            return False
        self._write({url: kept for url, kept in known.items() if url != self._url})
        return True

    def _change(self, **values: Any) -> None:
        known = self._read()
        kept = msgspec.structs.replace(known.get(self._url, Kept()), **values)
        self._write({**known, self._url: kept})

    def _read(self) -> dict[str, Kept]:
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=dict[str, Kept])
        except (FileNotFoundError, msgspec.MsgspecError):
            return {}

    def _write(self, known: Mapping[str, Kept]) -> None:
        fresh = self._file.with_name(f".{NAME}.{os.getpid()}")
        with private.file(fresh) as file:
            file.write(msgspec.json.format(msgspec.json.encode(known), indent=1))
        fresh.replace(self._file)


def quiet(home: Path, env: Mapping[str, str]) -> Callable[[Declared], Any]:
    """What logs connections in with the tokens there are, and asks nobody."""

    def auth(one: Declared) -> Any:
        async def visit(url: str) -> None:
            raise LoginNeeded(f"Log in first: ion mcp login {one.name}")

        async def landed() -> Any:
            raise LoginNeeded(f"Log in first: ion mcp login {one.name}")

        return _provider(one, home, env, "http://localhost:1/callback", visit, landed)

    return auth


def _provider(
    one: Declared,
    home: Path,
    env: Mapping[str, str],
    uri: str,
    visit: Visit,
    landed: Callable[[], Awaitable[Any]],
) -> Any:
    from mcp.client.auth import OAuthClientProvider  # start-up: with the first remote server
    from mcp.shared.auth import OAuthClientMetadata

    server, tokens = one.settings, Tokens(home, one.settings.url)
    secret = env.get(server.client_secret_env, "") if server.client_secret_env else ""
    method = "client_secret_basic" if secret else "none"
    metadata = OAuthClientMetadata.model_validate(
        {
            "client_name": CLIENT,
            "redirect_uris": [uri],
            "scope": " ".join(server.scopes) or None,
            "token_endpoint_auth_method": method if server.client_id else None,
        }
    )
    if server.client_id:
        given = {"client_id": server.client_id, "client_secret": secret or None}
        tokens._change(client={**metadata.model_dump(mode="json", exclude_none=True), **given})
    return OAuthClientProvider(server.url, metadata, tokens, visit, landed)


async def login(
    one: Declared, home: Path, env: Mapping[str, str], show: Visit, connect: Callable[[Any], Any]
) -> None:
    """Log in by the person's browser: ``show`` sends it to an address, ``connect`` makes a request
    with what is given to it. Raises ``Unauthorised`` and ``ConfigError``."""
    from mcp.shared.auth import AuthorizationCodeResult

    from ion_core.providers.auth.callback import Callback

    if not one.settings.url:
        raise ConfigError(f"{one.name} is a program: there is nothing to log in to.")
    Tokens(home, one.settings.url).forget()
    landing = Landing(path="/callback")
    async with Callback((0,), landing) as callback:

        async def landed() -> Any:
            code = await callback.code()
            seen = landing.seen
            return AuthorizationCodeResult(code=code, state=seen.get("state"), iss=seen.get("iss"))

        await connect(_provider(one, home, env, callback.uri, show, landed))
