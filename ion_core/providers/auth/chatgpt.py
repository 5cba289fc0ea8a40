"""ChatGPT's authorisation server: the browser's flow, the device's, renewal and revocation.

Not an official interface for other programs (§6.1 of the provider notes: the client id is that of
OpenAI's open-source Codex, which other agents use as well); hence the notice. Codex's own files are
never read: its tokens can be used once, and using them would log Codex out.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from ion_core.errors import IonError, Unauthorised
from ion_core.ids import Clock
from ion_core.providers.auth.browser import browser_code
from ion_core.providers.auth.callback import Callback
from ion_core.providers.auth.companion import Companion
from ion_core.providers.auth.device import Pause, Verdict, polled
from ion_core.providers.auth.jwt import claims
from ion_core.providers.auth.logins import Tokens
from ion_core.providers.auth.pkce import fresh_pkce
from ion_core.providers.auth.post import Reply, post
from ion_core.providers.auth.redirect import Redirect

CLIENT_ID = "app_EMoamEEZ73f0CkXaXp7hrann"
AGAIN = "The ChatGPT login has ended. Log in again: ion login chatgpt"
ENDED = frozenset(
    {
        "refresh_token_expired",
        "refresh_token_reused",
        "refresh_token_invalidated",
        "invalid_grant",
    }
)
"""Codes after which a refresh token is worth nothing."""
DEVICE_LIMIT_S = 900.0
_AUTH_CLAIM = "https://api.openai.com/auth"
_LIFE_S = 3600.0
"""Assumed of a token that does not say when it ends."""


class PlanServer(Struct, frozen=True, kw_only=True):
    """The server at ``site`` (https://auth.openai.com)."""

    site: str
    ports: tuple[int, ...] = ()
    clock: Clock = time.time

    async def by_browser(self, companion: Companion) -> Tokens:
        """Tokens for what a person agreed to in a browser. Raises ``Unauthorised``, ``ConfigError``
        and ``ConnectionFailed``, as all of these do."""
        pkce, state = fresh_pkce(), secrets.token_urlsafe(24)
        redirect = Redirect(path="/auth/callback", state=state)
        async with Callback(self.ports, redirect) as callback:
            companion.show_link(self._address(callback.uri, pkce.challenge, state))
            code = await browser_code(callback, redirect, companion)
            uri = callback.uri
        return await self._redeemed(code, pkce.verifier, uri)

    async def by_device(self, companion: Companion, pause: Pause) -> Tokens:
        """Tokens for a code that a person typed into a browser anywhere."""
        begun = await self._device("usercode", {"client_id": CLIENT_ID})
        device, code = begun.text("device_auth_id"), begun.text("user_code")
        if not begun.ok or not device or not code:
            raise Unauthorised(f"OpenAI did not begin the login ({begun.why}).")
        companion.show_link(f"{self.site}/codex/device", code)

        async def attempt() -> Verdict:
            fields = {"device_auth_id": device, "user_code": code}
            return _verdict(await self._device("token", fields))

        interval_s = begun.number("interval") or 5.0
        done = await polled(attempt, interval_s, DEVICE_LIMIT_S, pause)
        code, verifier = done.text("authorization_code"), done.text("code_verifier")
        return await self._redeemed(code, verifier, f"{self.site}/deviceauth/callback")

    async def renewed(self, old: Tokens) -> Tokens:
        """The successors of ``old``, whose refresh token is used up by asking. Also raises
        ``Overloaded``; after that and ``ConnectionFailed``, ``old`` may still be good."""
        fields = {
            "grant_type": "refresh_token",
            "refresh_token": old.refresh,
            "client_id": CLIENT_ID,
        }
        reply = await post(f"{self.site}/oauth/token", form=fields)
        if reply.code in ENDED or reply.status in (400, 401):
            raise Unauthorised(AGAIN, status=reply.status)
        return self._tokens(reply, old)

    async def revoke(self, tokens: Tokens) -> bool:
        """Whether the server has ended the login."""
        fields = {
            "token": tokens.refresh,
            "token_type_hint": "refresh_token",
            "client_id": CLIENT_ID,
        }
        try:
            return (await post(f"{self.site}/oauth/revoke", json=fields)).ok
        except IonError:
            return False

    def _address(self, uri: str, challenge: str, state: str) -> str:
        asked = {
            "response_type": "code",
            "client_id": CLIENT_ID,
            "redirect_uri": uri,
            "scope": "openid profile email offline_access",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": state,
            "id_token_add_organizations": "true",
            "codex_cli_simplified_flow": "true",
            "originator": "ion",
        }
        return f"{self.site}/oauth/authorize?{urlencode(asked)}"

    async def _device(self, step: str, fields: Mapping[str, str]) -> Reply:
        return await post(f"{self.site}/api/accounts/deviceauth/{step}", json=fields)

    async def _redeemed(self, code: str, verifier: str, uri: str) -> Tokens:
        fields = {
            "grant_type": "authorization_code",
            "client_id": CLIENT_ID,
            "code": code,
            "code_verifier": verifier,
            "redirect_uri": uri,
        }
        return self._tokens(await post(f"{self.site}/oauth/token", form=fields), None)

    def _tokens(self, reply: Reply, old: Tokens | None) -> Tokens:
        access = reply.text("access_token")
        refresh = reply.text("refresh_token") or (old.refresh if old else "")
        if not reply.ok or not access or not refresh:
            raise Unauthorised(
                f"OpenAI gave no tokens ({reply.why}). Log in again: ion login chatgpt",
                status=reply.status,
            )
        account = _account(reply.text("id_token")) or _account(access)
        return Tokens(
            access=access,
            refresh=refresh,
            expires_at=self._end(reply, access),
            account=account or (old.account if old else ""),
        )

    def _end(self, reply: Reply, access: str) -> float:
        seconds = reply.number("expires_in")
        if seconds is not None:
            return self.clock() + seconds
        end = claims(access).get("exp")
        return float(end) if isinstance(end, int | float) else self.clock() + _LIFE_S


def _verdict(reply: Reply) -> Verdict:
    if reply.status in (403, 404):
        return "pending"
    if not reply.ok:
        raise Unauthorised(f"OpenAI did not finish the login ({reply.why}). Begin again.")
    return reply


def _account(token: str) -> str:
    inner: Any = claims(token).get(_AUTH_CLAIM)
    try:
        return msgspec.convert(inner["chatgpt_account_id"], str)
    except (TypeError, KeyError, msgspec.ValidationError):
        return ""
