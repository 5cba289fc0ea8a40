"""Proof that whoever redeems a code is whoever asked for it (RFC 7636)."""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64encode

from msgspec import Struct


class Pkce(Struct, frozen=True, kw_only=True):
    """A ``verifier`` to keep until the end, and the ``challenge`` (S256) to show at the start."""

    verifier: str
    challenge: str

    def __repr__(self) -> str:
        return "Pkce(…)"


def fresh_pkce() -> Pkce:
    """A pair that nobody has had before: 48 random bytes."""
    verifier = secrets.token_urlsafe(48)
    digest = hashlib.sha256(verifier.encode()).digest()
    return Pkce(verifier=verifier, challenge=urlsafe_b64encode(digest).rstrip(b"=").decode())
