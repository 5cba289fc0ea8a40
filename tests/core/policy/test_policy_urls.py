"""A URL is fetched from public addresses alone, however it is written."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from ion_core.policy.addresses import refusal
from ion_core.policy.interfaces import own_addresses
from ion_core.policy.urls import Target, judge_url, target_of

ROWS = [
    json.loads(line) for line in Path(__file__).with_name("ssrf.jsonl").read_text().splitlines()
]


def _names(row: dict[str, Any]) -> dict[str, list[str]]:
    names = dict(row.get("dns") or {})
    if row.get("dns_sequence"):
        names[urlsplit(row["url"]).hostname] = row["dns_sequence"][0]
    return names


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_a_url_is_judged_as_the_row_says(row: dict[str, Any]) -> None:
    names = _names(row)
    answer = judge_url(row["url"], lambda host: names.get(host, []))
    pinned = "allow" if row["expect"] == "deny-or-pinned" else row["expect"]
    assert answer.decision == pinned, answer


def test_the_checked_addresses_are_what_may_be_connected_to() -> None:
    target = target_of("https://Example.com:8443/x?y#z", lambda host: ["93.184.216.34"])
    assert target == Target("https", "example.com", 8443, ("93.184.216.34",))


def test_one_denied_address_among_many_denies() -> None:
    answer = judge_url("https://a.example/", lambda host: ["93.184.216.34", "10.0.0.1"])
    assert answer.decision == "deny"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1.nip.io./",
        "http://0x7f.1/",
        "http://1.1.1/",
        "http://a.b.c.0x1/",
        "http://[::ffff:127.0.0.1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2001:db8::1]/",
        "http://[3fff::1]/",
        "http://metadata.google.internal/",
        "http://a_b.example/",
        "http://-a.example/",
        "http://a..example/",
        "http://example.com:443:80/",
        "http://example.com:/",
        "http://example.com:+80/",
        "http://example.com\t/",
        "http://exam\u00adple.com/",
        "https:example.com",
        "//example.com/",
        "http://",
        "",
    ],
)
def test_unusual_spellings_are_denied(url: str) -> None:
    assert judge_url(url, lambda host: ["93.184.216.34"]).decision == "deny"


def test_a_very_long_url_asks() -> None:
    answer = judge_url(f"https://a.example/?{'x' * 2048}", lambda host: ["93.184.216.34"])
    assert answer.decision == "ask"


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_addresses_are_not_refused(address: str) -> None:
    assert refusal(address) is None


@pytest.mark.parametrize(
    "address",
    [
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "2002:7f00:1::",
        "2001:0:808:808::f7f7:f7f7",
        "2606:4700::5efe:7f00:1",
        "2606:4700::200:5efe:808:808",
    ],
)
def test_an_address_that_carries_another_is_refused(address: str) -> None:
    assert refusal(address) is not None


@pytest.mark.parametrize("address", ["8.8.8.8", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_a_public_address_of_this_machine_is_refused_in_every_spelling(address: str) -> None:
    assert refusal(address, {"8.8.8.8"}) == f"{address} is an address of this machine"
    assert refusal("2606:4700:0::1111", {"2606:4700::1111"}) is not None


def test_the_machine_knows_its_own_addresses() -> None:
    assert "127.0.0.1" in own_addresses()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sends:
        sends.connect(("127.0.0.1", 9))
        assert sends.getsockname()[0] in own_addresses()


@pytest.mark.parametrize("address", ["fe80::1", "fe80::1%eth0", "x", "", "::", "2002:808:808::"])
def test_other_addresses_are_refused(address: str) -> None:
    assert refusal(address) is not None
