"""The addresses of this machine's own network interfaces, read from the system (getifaddrs(3)).

A public one leads back to this machine as surely as the loopback does.
"""

from __future__ import annotations

import ctypes
import socket
import sys

_AT_4, _AT_6 = 4, 8
"""Where in a ``sockaddr_in`` and a ``sockaddr_in6`` the address begins, on Linux and macOS."""


class _Interface(ctypes.Structure):
    """The beginning of a ``struct ifaddrs``, which is the same everywhere."""


_Interface._fields_ = [
    ("next", ctypes.POINTER(_Interface)),
    ("name", ctypes.c_char_p),
    ("flags", ctypes.c_uint),
    ("address", ctypes.c_void_p),
]


def own_addresses() -> frozenset[str]:
    """Every IPv4 and IPv6 address of this machine, in its usual spelling. Empty where the system
    would not say."""
    c = ctypes.CDLL(None)
    first = ctypes.POINTER(_Interface)()
    try:
        if c.getifaddrs(ctypes.byref(first)) != 0:
            return frozenset()
    except AttributeError:
        return frozenset()
    found = set()
    at = first
    try:
        while at:
            found.add(_spelled(at.contents.address))
            at = at.contents.next
    finally:
        c.freeifaddrs(first)
    return frozenset(found - {""})


def _spelled(place: int | None) -> str:
    if not place:
        return ""
    if sys.platform == "darwin":
        family = int(ctypes.c_uint8.from_address(place + 1).value)
    else:
        family = int(ctypes.c_uint16.from_address(place).value)
    if family == socket.AF_INET:
        return socket.inet_ntop(socket.AF_INET, ctypes.string_at(place + _AT_4, 4))
    if family == socket.AF_INET6:
        return socket.inet_ntop(socket.AF_INET6, ctypes.string_at(place + _AT_6, 16))
    return ""
