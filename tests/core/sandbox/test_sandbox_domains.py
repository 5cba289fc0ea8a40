"""Which hosts a list of domains lets through."""

from __future__ import annotations

import pytest

from ion_core.sandbox.domains import Domains, canonical


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("example.com", "example.com"),
        ("Example.COM", "example.com"),
        ("*.example.com", "a.example.com"),
        ("*.example.com", "a.b.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("*.bücher.example", "www.xn--bcher-kva.example"),
    ],
)
def test_a_host_of_the_list_is_let_through(allowed: str, host: str) -> None:
    assert Domains([allowed]).has(host)


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("example.com", "a.example.com"),
        ("example.com", "evilexample.com"),
        ("example.com", "example.com.evil.net"),
        ("example.com", "example.org"),
        ("*.example.com", "example.com"),
        ("*.example.com", "evilexample.com"),
        ("*", "example.com"),
        ("*.com", "example.com"),
        ("*.*.com", "a.b.com"),
        ("a.*.com", "a.b.com"),
        ("", "example.com"),
    ],
)
def test_no_other_host_is(allowed: str, host: str) -> None:
    assert not Domains([allowed]).has(host)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "127.0.0.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "1.2.3",
            "example.0x1",
            "[::1]",
            "::1",
        ),
        *("localhost", "", ".", "example.com.", ".example.com", "example..com", "exa mple.com"),
        *(
            "example.com\0.evil.net",
            "example.com%00",
            "user@example.com",
            "example.com:80",
            "a_b.c",
        ),
        *("-a.example.com", "a-.example.com", "ｅxample.com", "bücher.example", "e\u200bx.com"),
        *("example。com", "a" * 64 + ".com", "a." * 130 + "com"),
    ],
)
def test_what_is_no_plain_name_is_no_host(written: str) -> None:
    assert canonical(written) == ""


def test_entries_that_are_no_domains_are_told() -> None:
    assert Domains(["example.com", "*", "http://x.com", "10.0.0.1"]).odd == (
        "*",
        "http://x.com",
        "10.0.0.1",
    )
