"""One question to an authorisation server.

Secrets go out in bodies and come back in bodies: nothing of either is ever put into an error or a
log, only the server's own error codes.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ion_core import __version__
from ion_core.errors import ConfigError, ConnectionFailed, Overloaded
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.transport import httpx_module, make_client, warm
from ion_core.providers.transport_faults import transport_fault

LIMIT_S = 20.0
"""For the whole exchange: a token that was spent must not wait longer for its successor."""
LONGEST_S = 10 * 365 * 86_400.0
"""Nothing is issued for longer; a larger number is a mistake, or NaN."""
_HEADERS = {
    "user-agent": f"ion/{__version__}",
    "accept": "application/json",
    "accept-encoding": "identity",
}


class Reply(Struct, frozen=True, kw_only=True):
    """A status and the object in the body; an empty one when the body is none."""

    status: int
    body: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"Reply(status={self.status})"

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def code(self) -> str:
        """The error's code in lower case (RFC 6749 §5.2, or inside an ``error`` object), for
        comparing and for people; empty when there is none."""
        error = self.body.get("error")
        inner = error if isinstance(error, dict) else {}
        found = (inner.get("code"), inner.get("type"), error, self.body.get("code"))
        code = next((text for text in found if isinstance(text, str)), "")
        return code.lower() if re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,60}", code) else ""

    @property
    def why(self) -> str:
        """The failure in a few words."""
        return f"{self.code}, HTTP {self.status}" if self.code else f"HTTP {self.status}"

    def text(self, name: str) -> str:
        """The string in a field of the body; empty when it is none, or holds what no token, link
        or code holds and a terminal would obey."""
        value = self.body.get(name)
        plain = isinstance(value, str) and value.isascii() and value.isprintable()
        return str(value) if plain else ""

    def number(self, name: str) -> float | None:
        """The number of seconds in a field, which some servers send as a string; None when it is
        none that makes sense."""
        try:
            seconds = float(self.body[name])
        except (KeyError, TypeError, ValueError):
            return None
        return seconds if 0 <= seconds < LONGEST_S else None


async def post(
    url: str, *, form: Mapping[str, str] | None = None, json: Mapping[str, str] | None = None
) -> Reply:
    """Send ``form`` or ``json``; the reply, unless the server is busy or broken.

    Raises ``ConnectionFailed`` (and its kin), ``Overloaded`` and ``ConfigError``.
    """
    host = urlsplit(url).netloc
    context = await asyncio.to_thread(warm, url)
    httpx = httpx_module()
    try:
        async with (
            asyncio.timeout(LIMIT_S),
            make_client(url.removesuffix(urlsplit(url).path), _HEADERS, context) as client,
        ):
            answer = await client.post(url, data=form, json=json, timeout=LIMIT_S)
    except TimeoutError as error:
        raise ConnectionFailed(f"{host} did not answer within {LIMIT_S:.0f} s.") from error
    except httpx.HTTPError as error:
        raise transport_fault(error, _endpoint(host, url), answered=False) from error
    except (httpx.InvalidURL, ImportError) as error:
        raise ConfigError(f"{host} cannot be reached: {error}.") from error
    if answer.status_code >= 500 or answer.status_code == 429:
        raise Overloaded(f"{host} is busy (HTTP {answer.status_code}). Try again in a minute.")
    return Reply(status=answer.status_code, body=_object(answer.content))


def _endpoint(host: str, url: str) -> Endpoint:
    return Endpoint(name=host, base_url=url, connect_timeout_s=LIMIT_S, idle_timeout_s=LIMIT_S)


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = msgspec.json.decode(content)
    except (msgspec.MsgspecError, UnicodeError):
        return {}
    return value if isinstance(value, dict) else {}
