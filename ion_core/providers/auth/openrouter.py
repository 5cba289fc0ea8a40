"""OpenRouter's login (openrouter.ai/docs, "OAuth PKCE"): a browser's yes becomes a key.

The key is an ordinary one that its owner sees, limits and revokes on OpenRouter's page.
"""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from ion_core.errors import Unauthorised
from ion_core.providers.auth.browser import browser_code
from ion_core.providers.auth.callback import Callback
from ion_core.providers.auth.companion import Companion
from ion_core.providers.auth.key_shape import usable
from ion_core.providers.auth.logins import KeptKey
from ion_core.providers.auth.pkce import Pkce, fresh_pkce
from ion_core.providers.auth.post import post
from ion_core.providers.auth.redirect import Redirect


async def log_in(site: str, companion: Companion) -> KeptKey:
    """A new key from ``site`` (https://openrouter.ai). Raises ``Unauthorised``, ``ConfigError`` and
    ``ConnectionFailed``."""
    pkce = fresh_pkce()
    # Its page knows no state parameter: here the path is the secret that only it was told.
    redirect = Redirect(path=f"/callback/{secrets.token_urlsafe(24)}")
    async with Callback((0,), redirect) as callback:
        companion.show_link(_address(site, callback.uri, pkce))
        code = await browser_code(callback, redirect, companion)
    return await _redeemed(site, code, pkce)


def _address(site: str, uri: str, pkce: Pkce) -> str:
    asked = {
        "callback_url": uri,
        "code_challenge": pkce.challenge,
        "code_challenge_method": "S256",
    }
    return f"{site}/auth?{urlencode(asked)}"


async def _redeemed(site: str, code: str, pkce: Pkce) -> KeptKey:
    asked = {"code": code, "code_verifier": pkce.verifier, "code_challenge_method": "S256"}
    reply = await post(f"{site}/api/v1/auth/keys", json=asked)
    if not reply.ok or not reply.text("key"):
        raise Unauthorised(f"OpenRouter did not give a key ({reply.why}). Begin again.")
    return KeptKey(key=usable("openrouter", reply.text("key")))
