"""The web as tools may use it: where a URL leads, and what came from there.

Nobody here decides what may be fetched: a ``Lead`` is given, and nothing is connected to but the
addresses that it answered.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    import ssl  # start-up: the type alone

WITHIN_S = 30.0
"""Seconds that a page may take, redirects included (reference: security, web_fetch)."""


class UrlRefused(Exception):
    """The URL may not be fetched. ``str(error)`` is a sentence that says why."""


class LeadsElsewhere(Exception):
    """The page is on another host now, which nobody has allowed. ``url`` is where."""

    def __init__(self, url: str) -> None:
        super().__init__(f"It is now at {url}, on another host.")
        self.url = url


class WebFailed(Exception):
    """Nothing usable came. ``str(error)`` is a sentence that says why."""


class Destination(Struct, frozen=True, kw_only=True):
    """Where to connect for a URL: to one of ``addresses``, as ``host``, and to nothing else."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]


Lead: TypeAlias = Callable[[str], Destination]
"""Where a URL leads. Blocking. Raises :class:`UrlRefused`."""


def _never(url: str) -> bool:
    return False


class Web(Struct, frozen=True):
    """What a tool needs of the web: ``lead``, and ``tls`` for https, made when it is needed.
    ``covers`` says whether a rule allows a URL that nobody was asked about; it contacts nothing."""

    lead: Lead
    tls: Callable[[], ssl.SSLContext]
    covers: Callable[[str], bool] = _never


class Page(Struct, frozen=True, kw_only=True):
    """An answer: ``url`` is where it was found in the end, ``type`` its content type in full."""

    url: str
    status: int
    type: str
    body: bytes
