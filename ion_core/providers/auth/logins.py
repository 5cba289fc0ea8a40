"""What ``ion login`` leaves behind, as it stands in ``auth.json``.

No value here shows its secret in its ``repr``.
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct


class KeptKey(Struct, frozen=True, kw_only=True, tag_field="kind", tag="key"):
    """A key or token that lasts until somebody revokes it."""

    key: str

    def __repr__(self) -> str:
        return "KeptKey(…)"


class InKeychain(Struct, frozen=True, kw_only=True, tag_field="kind", tag="keychain"):
    """The key is in the operating system's keyring."""


class Tokens(Struct, frozen=True, kw_only=True, tag_field="kind", tag="tokens"):
    """An access token that ends at ``expires_at`` (Unix seconds) and the single-use token that
    renews it; ``account`` is the id that the server knows the person by."""

    access: str
    refresh: str
    expires_at: float
    account: str = ""

    def __repr__(self) -> str:
        return "Tokens(…)"


Login: TypeAlias = KeptKey | InKeychain | Tokens

VERSION = 1


class Book(Struct, frozen=True, kw_only=True):
    """The whole file: logins by provider."""

    version: int = VERSION
    logins: dict[str, Login] = {}


class Edition(Struct, frozen=True, kw_only=True):
    """The one thing that is read of a file before anything else."""

    version: int
