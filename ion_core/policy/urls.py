"""Whether a URL may be fetched: one strict reading of it, and every address behind its name (N).

Whoever fetches uses the host, port and addresses that are answered here and connects to nothing
else, so that a second reading or a second answer of a resolver cannot lead elsewhere.
"""

from __future__ import annotations

import re
import socket
import unicodedata
from collections.abc import Callable, Sequence
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final, NamedTuple, TypeAlias

from ion_core.policy.addresses import refusal
from ion_core.policy.base import Judgement, allow, ask, deny

LONGEST_BYTES: Final = 2048
PORTS: Final = frozenset({80, 443, 8080, 8443})
_USUAL_PORTS: Final = {"http": 80, "https": 443}

Resolver: TypeAlias = Callable[[str], Sequence[str]]
"""The addresses of a host, all of them; empty when there are none."""

_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<host>\[[^\[\]/?#@]*\]|[^\[\]/?#@:]*)"
    r"(?::(?P<port>[0-9]{1,5}))?(?P<rest>[/?#].*)?",
    re.DOTALL,
)
_LABEL: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PRIVATE_NAMES: Final = frozenset(
    {"localhost", "local", "localdomain", "internal", "intranet", "lan", "home", "corp", "private"}
    | {"arpa", "onion", "test", "invalid"}
)


class Target(NamedTuple):
    """What a URL leads to: where to connect, and nothing more."""

    scheme: str
    host: str
    port: int
    addresses: tuple[str, ...]


class UrlRefused(Exception):
    """The URL may not be fetched. ``str(error)`` is a sentence that says why."""


def resolve(host: str) -> list[str]:
    """The addresses that the system's resolver gives for a host."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return [str(address[0]) for *_, address in found]


def judge_url(url: str, resolver: Resolver = resolve) -> Judgement:
    """The decision about a URL; never raises."""
    try:
        target = target_of(url, resolver)
    except UrlRefused as error:
        return deny(str(error), "url.refused")
    except Exception as error:  # whatever was not thought of is not harmless
        return deny(f"The URL could not be judged ({type(error).__name__}).", "url.error")
    return too_long(url) or allow(f"{target.host} is public.", "url.public")


def too_long(url: str) -> Judgement | None:
    """What is asked about a URL that could carry much out, or None."""
    if len(url.encode()) <= LONGEST_BYTES:
        return None
    return ask("The URL is so long that it may carry what it should not.", "url.length")


def named_host(url: str) -> str:
    """The host that a URL names, before anybody is asked where that is. Raises
    :class:`UrlRefused`."""
    return _ascii(_plain(url)["host"])


def forms(url: str) -> tuple[str, ...]:
    """The URL as rules may name it: as it is, and :func:`rooted` where it is a plain one."""
    try:
        return (url, rooted(url))
    except UrlRefused:
        return (url,)


def rooted(url: str) -> str:
    """The URL with its scheme and host in small letters, a path, and no port that is the usual
    one. Raises :class:`UrlRefused`."""
    found = _plain(url)
    scheme, rest = found["scheme"].lower(), found["rest"] or "/"
    slash = "" if rest.startswith("/") else "/"
    is_usual = not found["port"] or int(found["port"]) == _USUAL_PORTS.get(scheme)
    host = _ascii(found["host"]) + ("" if is_usual else f":{found['port']}")
    return f"{scheme}://{host}{slash}{rest}"


def _plain(url: str) -> re.Match[str]:
    if not url.isprintable() or " " in url or "\\" in url:
        raise UrlRefused("The URL holds characters that programs read differently.")
    found = _URL.fullmatch(url)
    if found is None:
        raise UrlRefused("This is not a plain URL: scheme://host/path, without a login.")
    return found


def target_of(url: str, resolver: Resolver = resolve) -> Target:
    """Where a URL leads. Raises :class:`UrlRefused` for what is not wholly public."""
    found = _plain(url)
    scheme = found["scheme"].lower()
    if scheme not in ("http", "https"):
        raise UrlRefused(f"Only http and https are fetched, not {scheme}.")
    port = int(found["port"]) if found["port"] else _USUAL_PORTS[scheme]
    if port not in PORTS:
        raise UrlRefused(f"Port {port} is not one of the web.")
    host, addresses = _addresses(found["host"], resolver)
    from ion_core.policy.interfaces import own_addresses  # start-up: ctypes, for the web alone

    own = own_addresses()
    for address in addresses:
        why = refusal(address, own)
        if why is not None:
            raise UrlRefused(f"{host} is refused: {why}.")
    return Target(scheme, host, port, tuple(addresses))


def _addresses(written: str, resolver: Resolver) -> tuple[str, Sequence[str]]:
    """The host and its addresses: itself, when it is written as one."""
    if written.startswith("["):
        return written, [_literal_6(written[1:-1])]
    host = _ascii(written)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return host, [_literal_4(host)]
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise UrlRefused(f"{written[:80]!r} is no name of a host.")
    if len(labels) < 2 or labels[-1] in _PRIVATE_NAMES:
        raise UrlRefused(f"{host} is a name inside of networks.")
    addresses = resolver(host)
    if not addresses:
        raise UrlRefused(f"{host} has no address.")
    return host, addresses


def _ascii(written: str) -> str:
    """The host as it is asked for; refused when folding makes another name of it."""
    lowered = written.lower()
    if lowered.isascii():
        return lowered
    if unicodedata.normalize("NFKC", lowered) != lowered:
        raise UrlRefused(f"{written[:80]!r} is a name in disguise.")
    try:
        return lowered.encode("idna").decode()
    except UnicodeError as error:
        raise UrlRefused(f"{written[:80]!r} is no name of a host.") from error


def _literal_4(host: str) -> str:
    try:
        return str(IPv4Address(host))
    except AddressValueError as error:
        raise UrlRefused(f"{host[:80]} is an address in disguise.") from error


def _literal_6(text: str) -> str:
    try:
        if "%" in text:
            raise UrlRefused(f"[{text[:80]}] names an interface.")
        return str(IPv6Address(text))
    except AddressValueError as error:
        raise UrlRefused(f"[{text[:80]}] is no address.") from error
