"""The operating system's keyring, where there is one that works.

The package ``keyring`` is no dependency of ion: it is used when somebody installed it and its
backend is a real one. Everything blocks and belongs into a thread: a keyring may ask its owner.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from ion_core.errors import Unauthorised

_REAL = ("keyring.backends.",)
_UNREAL = ("keyring.backends.fail", "keyring.backends.null")
"""Backends that keep nothing (github.com/jaraco/keyring). Others, such as those of
``keyrings.alt``, may keep plain text: our own file does that better."""


class Keychain:
    """Keys by provider, apart for each ``$ION_HOME``."""

    def __init__(self, env: Mapping[str, str], home: Path) -> None:
        self._env, self._service = env, f"ion ({home})"

    def keep(self, provider: str, key: str) -> bool:
        """Whether the key is now in a keyring; false where there is none that works."""
        ring = self._ring()
        if ring is None:
            return False
        try:
            ring.set_password(self._service, provider, key)
            return bool(ring.get_password(self._service, provider) == key)
        except Exception:  # each backend fails with errors of its own; the file always works
            return False

    def key(self, provider: str) -> str:
        """The key that was kept. Raises ``Unauthorised`` when it cannot be had."""
        ring = self._ring()
        try:
            found = ring.get_password(self._service, provider) if ring else None
        except Exception as error:  # as above
            raise Unauthorised(_unreachable(provider)) from error
        if not found:
            raise Unauthorised(_unreachable(provider))
        return str(found)

    def forget(self, provider: str) -> bool:
        """Remove the key; whether it is gone."""
        ring = self._ring()
        try:
            if ring is None:
                return False
            if ring.get_password(self._service, provider) is not None:
                ring.delete_password(self._service, provider)
            return True
        except Exception:  # as above
            return False

    def _ring(self) -> Any:
        """The backend, or None. On Linux nothing is imported where there is no session bus: its
        keyrings are reached over that bus alone."""
        if sys.platform == "linux" and not self._env.get("DBUS_SESSION_BUS_ADDRESS"):
            return None
        try:
            ring = import_module("keyring").get_keyring()
        except Exception:  # a broken installation is as good as none
            return None
        module = type(ring).__module__
        return ring if module.startswith(_REAL) and not module.startswith(_UNREAL) else None


def _unreachable(provider: str) -> str:
    return (
        f"The key of {provider} is in your desktop's keyring, which cannot be reached from here. "
        f"Log in once more where it is needed: ion login {provider}"
    )
