"""Servers: the embedded model's, and the endpoints that a person named. None of them is asked."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from ion_core.config.builtin import BUILTIN
from ion_core.doctor.base import Check, Patient
from ion_core.local.place import Place


def servers(patient: Patient) -> Check:
    """What is installed and what is configured."""
    place = Place(patient.home)
    binary = place.binary(patient.env)
    detail = ["The embedded model is not installed."]
    if place.has_weights and binary is not None:
        detail = [f"The embedded model is installed ({binary.path})."]
    elif place.has_weights:
        detail = ["The weights of the embedded model are here, and no llama-server."]
    own = _own(patient)
    if own:
        named = ", ".join(f"{name} ({host})" for name, host, _ in own)
        detail.append(f"Configured, and not asked now: {named}.")
    open_ones = [name for name, _, is_open in own if is_open]
    if open_ones:
        detail.append(f"Keys and code go unencrypted to {', '.join(open_ones)}.")
    half = place.has_weights and binary is None
    fixes = ["ion local install"] * half + ["Use https in base_url."] * bool(open_ones)
    return Check(
        name="servers",
        status="warn" if fixes else "ok",
        detail=" ".join(detail),
        fix=" ".join(fixes),
    )


def _own(patient: Patient) -> list[tuple[str, str, bool]]:
    """The endpoints that are not ion's own: name, host, and whether it is reached unencrypted."""
    found = []
    for name, settings in patient.settings.providers.items():
        url = urlsplit(settings.base_url)
        known = BUILTIN.get(name)
        if not url.hostname or (known is not None and known.base_url == settings.base_url):
            continue
        is_open = url.scheme == "http" and not _is_here(url.hostname)
        found.append((name, url.netloc.rpartition("@")[2], is_open))
    return found


def _is_here(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
