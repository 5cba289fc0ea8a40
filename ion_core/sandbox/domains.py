"""Which hosts a list of domains lets through: names compared label by label.

Hosts come from a sandboxed program, so that only the plainest spelling of one is understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST = 253
_ANY = "*"


def canonical(written: str) -> str:
    """The host as it is compared; empty for what is no name of one: an address, a number in
    disguise, a single label, or anything but letters, digits and hyphens. Letters of other
    scripts are understood in their ASCII form (``xn--``) alone."""
    host = written.lower() if written.isascii() else ""
    labels = host.split(".")
    if len(host) > _LONGEST or len(labels) < 2 or _NUMBER.fullmatch(labels[-1]):
        return ""
    return host if all(_LABEL.fullmatch(label) for label in labels) else ""


class Domains:
    """``example.com`` lets through that host, ``*.example.com`` all below it, and not itself.

    A person may write a domain in any script. ``odd`` are those that are none; they let nothing
    through."""

    def __init__(self, written: Iterable[str]) -> None:
        read = {one: _read(one) for one in written}
        self._allowed = [labels for labels in read.values() if labels]
        self.odd = tuple(one for one, labels in read.items() if not labels)

    def has(self, host: str) -> bool:
        """Whether a canonical host is let through."""
        labels = host.split(".")
        return any(_matches(labels, allowed) for allowed in self._allowed)


def _read(written: str) -> list[str]:
    begins = f"{_ANY}." if written.startswith(f"{_ANY}.") else ""
    try:
        named = written.removeprefix(begins).lower().encode("idna").decode()
    except UnicodeError:
        return []
    host = canonical(named)
    return f"{begins}{host}".split(".") if host else []


def _matches(labels: list[str], allowed: list[str]) -> bool:
    if allowed[0] != _ANY:
        return labels == allowed
    below = allowed[1:]
    return len(labels) > len(below) and labels[-len(below) :] == below
