"""What a token says of itself (RFC 7519).

Nothing is verified: the token came from its own server over TLS, and only that server's word about
the account is wanted.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Any

import msgspec


def claims(token: str) -> dict[str, Any]:
    """The claims of a token; empty for one that is opaque."""
    pieces = token.split(".")
    if len(pieces) != 3:
        return {}
    try:
        found = msgspec.json.decode(urlsafe_b64decode(pieces[1] + "=" * (-len(pieces[1]) % 4)))
    except (ValueError, msgspec.MsgspecError):
        return {}
    return found if isinstance(found, dict) else {}
