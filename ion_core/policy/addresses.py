"""Which network addresses a tool may reach: public ones, and no others.

The tables are IANA's registries of special addresses (RFC 6890 and its updates), the addresses of
cloud metadata services, and the ways to write an IPv4 address inside an IPv6 one.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_DENIED_4: Final = tuple(
    IPv4Network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
        *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16"),
        *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        "168.63.129.16/32",  # Azure's wire server, which looks public
    )
)
_GLOBAL_6: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
_DENIED_6: Final = tuple(
    IPv6Network(network)
    for network in (
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
        *("2620:4f:8000::/48",),
    )
)
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})  # RFC 5214, section 6.1


def refusal(address: str, own: Collection[str] = ()) -> str | None:
    """Why nothing may connect to an address, or None for a public one. ``own`` are those of this
    machine, public or not."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return f"{address[:60]} is no address"
    inner = parsed if isinstance(parsed, IPv4Address) else _embedded(parsed)
    if str(parsed) in own or str(inner) in own:
        return f"{address} is an address of this machine"
    return _refusal_6(parsed) if isinstance(parsed, IPv6Address) else _refusal_4(parsed)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one are sent on to."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def _refusal_4(address: IPv4Address) -> str | None:
    if any(address in network for network in _DENIED_4):
        return f"{address} is not a public address"
    return None


def _refusal_6(address: IPv6Address) -> str | None:
    embedded = _embedded(address)
    if embedded is not None:
        return _refusal_4(embedded)
    is_isatap = int(address) >> 32 & 0xFFFFFFFF in _ISATAP
    if (
        address.scope_id is not None
        or is_isatap
        or address not in _GLOBAL_6
        or any(address in network for network in _DENIED_6)
    ):
        return f"{address} is not a public address"
    return None
