"""Which proxy a request goes through, by the variables that every tool obeys.

``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``, in small letters first, understood
as curl does (https://curl.se/docs/manpage.html): a name in ``NO_PROXY`` stands for itself and all
below it, with or without a dot before it; networks such as 10.0.0.0/8 and ports count, and ``*`` is
everything. This machine itself is never reached through a proxy.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from urllib.parse import urlsplit


def proxy_for(url: str, env: Mapping[str, str] = os.environ) -> str:
    """The address of the proxy for ``url``, "" for none."""
    parts = urlsplit(url)
    host = (parts.hostname or "").rstrip(".")
    proxy = _of(env, f"{parts.scheme}_proxy") or _of(env, "all_proxy")
    if not proxy or is_loopback(host) or _is_spared(host, _port(url), _of(env, "no_proxy")):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return host in ("localhost", "::1") or host.startswith("127.") or host.endswith(".localhost")


def _of(env: Mapping[str, str], name: str) -> str:
    return (env.get(name) or env.get(name.upper()) or "").strip()


def _port(url: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError:
        return None


def _is_spared(host: str, port: int | None, spared: str) -> bool:
    entries = (entry.strip().lower() for entry in spared.replace(" ", ",").split(","))
    return any(_covers(entry, host, port) for entry in entries if entry)


def _covers(entry: str, host: str, port: int | None) -> bool:
    if entry == "*":
        return True
    if "/" in entry:
        return _within(host, entry)
    name, colon, number = entry.rpartition(":")
    if colon and number.isdigit() and ":" not in name.strip("[]"):
        return str(port) == number and _covers(name, host, port)
    name = entry.strip("[]").removeprefix("*").lstrip(".")
    return host == name or (bool(name) and host.endswith("." + name))


def _within(host: str, network: str) -> bool:
    import ipaddress  # start-up: only where a network is spared

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
