"""Answers of search engines are read, and a refusal is called one."""

from __future__ import annotations

import asyncio

import pytest
from tools_bench import Bench

from ion_core.tools.web import Destination, UrlRefused, Web
from ion_core.tools.web_engines import Results
from ion_core.tools.web_search import Engine, WebSearch, WebSearchArgs

PAGE = """<div class="results">
<div class="result result--ad"><a class="result__a" href="https://duckduckgo.com/y.js?ad=1">Ad</a>
<a class="result__snippet" href="x">buy</a></div>
<div class="result"><h2><a rel="nofollow" class="result__a"
 href="//duckduckgo.com/l/?uddg=https%3A%2F%2Fa.org%2Fx%3Fy%3D1&amp;r=z">The <b>first</b> &amp; one
</a></h2><a class="result__snippet" href="x">An <b>extract</b>.</a></div>
<div class="result"><a class="result__a" href="https://b.org/">Second</a>
<td class="result__snippet">Other</td></div></div>"""


def _nowhere(url: str) -> Destination:
    raise UrlRefused(f"{url} is not for tests.")


def _no_tls() -> None:
    raise AssertionError("no test speaks https here")


def tool(engine: Engine) -> WebSearch:
    return WebSearch(Web(_nowhere, _no_tls), lambda: engine)  # type: ignore[arg-type]  # never called


def test_links_of_duckduckgo_are_unwrapped_and_advertisements_left() -> None:
    found = Results()
    found.feed(PAGE)
    assert [(hit.title, hit.url, hit.extract) for hit in found.hits] == [
        ("The first & one\n", "https://a.org/x?y=1", "An extract."),
        ("Second", "https://b.org/", "Other"),
    ]


@pytest.mark.parametrize("name", ["brave", "tavily", "exa"])
async def test_an_engine_without_its_key_says_what_is_missing(bench: Bench, name: str) -> None:
    engine = Engine(name=name)  # type: ignore[arg-type]  # one of three literals
    outcome = await tool(engine).run(WebSearchArgs(query="x"), bench.context)
    assert outcome.status == "error"
    assert "api_key_env" in outcome.content


async def test_a_persons_own_searxng_may_be_on_this_machine(bench: Bench) -> None:
    asked: list[str] = []
    body = b'{"results": [{"title": "T", "url": "https://a.org/", "content": "C\\u001b[31m"}, {}]}'

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        engine = Engine(name="searxng", url=f"http://127.0.0.1:{port}/")
        outcome = await tool(engine).run(WebSearchArgs(query="a b"), bench.context)
    assert asked[0].startswith("GET /search?q=a+b&format=json HTTP/1.1")
    assert outcome.content.endswith("T\nhttps://a.org/\nC")
    assert outcome.display.summary == "1 result"
