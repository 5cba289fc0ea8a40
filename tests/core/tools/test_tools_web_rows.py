"""Every row of hostile URLs, fetched: what is refused, and to which addresses anything is sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from tools_bench import Bench

from ion_core.policy import urls
from ion_core.policy.addresses import refusal
from ion_core.tools.base import Outcome
from ion_core.tools.web import Destination, UrlRefused, Web
from ion_core.tools.web_fetch import WebFetch, WebFetchArgs

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "policy/ssrf.jsonl").read_text().splitlines()
]
SHARED = Path(__file__).parents[4] / "shared/security/ssrf.shared.jsonl"
PUBLIC = ["93.184.216.34"]


class Internet:
    """A row's resolver and servers. ``dialled`` are the addresses that were led to."""

    def __init__(self, row: dict[str, Any], port: int = 0) -> None:
        self._row, self.port = row, port
        self._answers = [list(answer) for answer in row.get("dns_sequence") or []]
        self.dialled: list[str] = []
        self.requests = 0

    def resolve(self, host: str) -> list[str]:
        if host in (names := self._row.get("dns") or {}):
            return list(names[host])
        if self._answers:
            return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return PUBLIC if self._row.get("hops") else []

    def lead(self, url: str) -> Destination:
        """Judged as the product does; then this machine stands for the addresses."""
        try:
            target = urls.target_of(url, self.resolve)
        except urls.UrlRefused as error:
            raise UrlRefused(str(error)) from error
        self.dialled += target.addresses
        addresses = ("127.0.0.1",)
        return Destination(scheme="http", host=target.host, port=self.port, addresses=addresses)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.requests += 1
        writer.write(self._answer(head.split()[1], head).encode())
        await writer.drain()
        writer.close()

    def _answer(self, path: str, head: str) -> str:
        for hop in self._row.get("hops") or []:
            asked = urlsplit(hop["url"])
            if asked.path == path and f"Host: {asked.hostname}" in head:
                location = f"Location: {hop['location']}\r\n"
                return f"HTTP/1.1 {hop['status']} Found\r\n{location}Content-Length: 0\r\n\r\n"
        return "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nhere"


@asynccontextmanager
async def internet(row: dict[str, Any]) -> AsyncIterator[Internet]:
    made = Internet(row)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made


def _no_tls() -> None:
    raise AssertionError("this internet speaks no TLS")


async def fetched(bench: Bench, row: dict[str, Any]) -> tuple[Outcome, Internet]:
    async with internet(row) as net:
        tool = WebFetch(Web(net.lead, _no_tls))  # type: ignore[arg-type]  # never called
        return await tool.run(WebFetchArgs(url=row["url"]), bench.context), net


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
async def test_a_row_is_fetched_as_it_says(bench: Bench, row: dict[str, Any]) -> None:
    outcome, net = await fetched(bench, row)
    assert not [address for address in net.dialled if refusal(address)]
    if row["expect"] == "deny":
        assert outcome.status == "error"
        assert net.requests == (0 if not row.get("hops") else net.requests)
        assert outcome.content.startswith(("Refused: ", "More than 5 redirects")), outcome.content
    else:
        assert "here" in outcome.content
        assert net.requests == 1


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row["expect"] == "deny-or-pinned"], ids=lambda row: row["id"]
)
async def test_a_name_is_resolved_once_and_only_its_answer_is_dialled(
    bench: Bench, row: dict[str, Any]
) -> None:
    _, net = await fetched(bench, row)
    assert net.dialled == row["dns_sequence"][0]


async def test_a_name_that_moves_inward_between_two_hops_is_refused(bench: Bench) -> None:
    row = {
        "url": "http://moves.example/a",
        "dns_sequence": [PUBLIC, ["10.0.0.1"]],
        "hops": [{"url": "http://moves.example/a", "status": 302, "location": "/b"}],
    }
    outcome, net = await fetched(bench, row)
    assert outcome.content.startswith("Refused: moves.example is refused: 10.0.0.1")
    assert (net.dialled, net.requests) == (PUBLIC, 1)


def test_the_rows_are_all_those_that_are_shared() -> None:
    if not SHARED.exists():
        pytest.skip("the shared rows are not beside this checkout")
    shared = {json.loads(line)["id"] for line in SHARED.read_text().splitlines()}
    assert shared <= {row["id"] for row in ROWS}
