"""The address that a browser is sent back to, and the code in it.

A code counts only when it comes with the state of this very login (RFC 6749 §10.12): a page in
the browser could otherwise slip in a code of somebody else's account.
"""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs, urlsplit

from msgspec import Struct

from ion_core.errors import Unauthorised

DECLINED = "The login was declined in the browser. Nothing was changed."


class Redirect(Struct, frozen=True, kw_only=True):
    """Where a code arrives: the ``path``, and the ``state`` that its query must carry (empty where
    the path itself is the secret)."""

    path: str
    state: str = ""

    def __repr__(self) -> str:
        return "Redirect(…)"

    def code(self, target: str) -> str:
        """The code in an address or in a request's target; empty when it is not of this login.

        Raises ``Unauthorised`` when it says that the person declined.
        """
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        stated = not self.state or _same(query.get("state", ""), self.state)
        if not (stated and _same(parts.path, self.path)):
            return ""
        if "error" in query:
            raise Unauthorised(DECLINED)
        return query.get("code", "")

    def pasted(self, text: str) -> str:
        """The code in what a person pasted: the whole address, its query, or the code alone (the
        server takes no code of another login: the verifier would not fit)."""
        text = text.strip()
        if "://" in text:
            return self.code(text)
        if "code=" in text:
            return self.code(f"{self.path}?{text.rpartition('?')[2]}")
        return text if text.isascii() and text.isprintable() and " " not in text else ""


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
