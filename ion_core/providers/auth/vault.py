"""What was logged in to, wherever it is kept: keys in the desktop's keyring where one works, all
else in ``auth.json``, which also says what the keyring holds."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ion_core.ids import Clock
from ion_core.providers.auth.logins import InKeychain, KeptKey, Login
from ion_core.providers.auth.store import AuthStore

if TYPE_CHECKING:
    from ion_core.providers.auth.keychain import Keychain


class Vault:
    """Keeps logins in ``store``, the file of ``home``, and in the keyring of this desktop."""

    def __init__(self, env: Mapping[str, str], home: Path, clock: Clock = time.time) -> None:
        self.store = AuthStore(home, clock)
        self._env, self._home = env, home

    def login(self, provider: str) -> Login | None:
        """What is kept, as the file says it. Cheap; opens no keyring."""
        return self.store.logins().get(provider)

    async def key(self, provider: str) -> str:
        """The key in the keyring. Raises ``Unauthorised`` when it cannot be had."""
        return await asyncio.to_thread(self._keychain().key, provider)

    async def keep(self, provider: str, login: Login) -> None:
        """Keep a login in place of any other. Raises ``ConfigError``."""
        if isinstance(login, KeptKey) and await self._in_keyring(provider, login.key):
            login = InKeychain()
        async with self.store.writing() as book:
            book.put(provider, login)

    async def forget(self, provider: str) -> Login | None:
        """Remove a login; what it was. Raises ``ConfigError``."""
        async with self.store.writing() as book:
            login = book.login(provider)
            if login is not None:
                book.put(provider, None)
        if isinstance(login, InKeychain):
            await asyncio.to_thread(self._keychain().forget, provider)
        return login

    async def _in_keyring(self, provider: str, key: str) -> bool:
        return await asyncio.to_thread(self._keychain().keep, provider, key)

    def _keychain(self) -> Keychain:
        from ion_core.providers.auth.keychain import Keychain  # start-up: few keys are kept there

        return Keychain(self._env, self._home)
