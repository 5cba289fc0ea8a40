"""The access token of a ChatGPT login, renewed in time.

Its refresh token works once. Whoever renews holds the file across processes, looks into it first,
and adopts what another process has put there; so two that renew at once spend one token.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from ion_core.errors import ProviderError, Unauthorised
from ion_core.ids import Clock
from ion_core.providers.auth.logins import Tokens
from ion_core.providers.auth.store import AuthStore
from ion_core.providers.credential import Granted

PLAN = "chatgpt"
EARLY_S = 300.0
"""A token with less life than this is renewed: an answer may take minutes to begin."""
GRACE_S = 5.0
"""How long somebody who gave up waits for a renewal that is under way."""


class PlanKey:
    """Grants what ``store`` keeps; ``site`` is the address of the server that renews it."""

    def __init__(self, store: AuthStore, site: str, clock: Clock) -> None:
        self._store, self._site, self._clock = store, site, clock
        self._unwritten: Tokens | None = None

    async def grant(self) -> Granted:
        tokens = self._newest()
        if tokens.expires_at - self._clock() < EARLY_S:
            tokens = await self._in_time(tokens)
        return _granted(tokens)

    async def renew(self, refused: Granted) -> bool:
        """Also raises ``Unauthorised``, when only another login can help."""
        tokens = await _unhurt(self._renewed(refused.key))
        return tokens.access != refused.key

    async def _in_time(self, tokens: Tokens) -> Tokens:
        """Renewed; while it lives, the old one serves when the server cannot be reached."""
        try:
            return await _unhurt(self._renewed(tokens.access))
        except ProviderError as error:
            if error.retryable and tokens.expires_at > self._clock():
                return tokens
            raise

    async def _renewed(self, stale: str) -> Tokens:
        """Tokens whose access token is not ``stale``."""
        from ion_core.providers.auth.chatgpt import PlanServer  # start-up: once in ten days

        async with self._store.writing() as book:
            found = self._newest()
            if found.access != stale and found.expires_at - self._clock() >= EARLY_S:
                return found
            fresh = await PlanServer(site=self._site, clock=self._clock).renewed(found)
            self._unwritten = fresh  # when the disk is full, this process at least has them
            book.put(PLAN, fresh)
            self._unwritten = None
            return fresh

    def _newest(self) -> Tokens:
        """The file's tokens, unless those in memory could not be written."""
        kept = self._store.logins().get(PLAN)
        if not isinstance(kept, Tokens):
            missing = f"Nobody is logged in to {PLAN}: ion login {PLAN}"
            raise Unauthorised(" ".join([missing, *self._store.complaints]))
        if self._unwritten and self._unwritten.expires_at > kept.expires_at:
            return self._unwritten
        return kept


async def _unhurt(renewal: Coroutine[Any, Any, Tokens]) -> Tokens:
    """Await, and when cancelled let it end: the server may have spent the old token already."""
    task = asyncio.ensure_future(renewal)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait((task,), timeout=GRACE_S)
        raise
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _granted(tokens: Tokens) -> Granted:
    """With the headers that go with this login (§6.1 of the provider notes)."""
    headers = {"originator": "ion"}
    if tokens.account:
        headers["chatgpt-account-id"] = tokens.account
    return Granted(key=tokens.access, headers=headers)
