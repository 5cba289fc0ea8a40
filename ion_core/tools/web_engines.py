"""What each search engine is asked, and how its answer is read.

Sources: api-dashboard.search.brave.com (Web Search), docs.tavily.com (Search), docs.exa.ai
(Search), docs.searxng.org (Search API). DuckDuckGo's page has no contract: its links are found by
class, and a page that asks whether one is human is said to be a refusal.
"""

from __future__ import annotations

from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from ion_core.tools.web import Destination, Page, UrlRefused, Web, WebFailed
from ion_core.tools.web_client import send
from ion_core.tools.web_search import Engine, Hit

MOST_HITS = 8

_DUCKDUCKGO = "https://html.duckduckgo.com/html/"
_BRAVE = "https://api.search.brave.com/res/v1/web/search"
_TAVILY, _EXA = "https://api.tavily.com/search", "https://api.exa.ai/search"
_CHOOSE = (
    "The person can choose another engine: `[web]` `search` (brave, tavily, exa, searxng) in the "
    "settings."
)


async def search(web: Web, engine: Engine, query: str) -> list[Hit]:
    """The first pages that an engine finds. Raises ``UrlRefused`` and ``WebFailed``."""
    if engine.name == "duckduckgo":
        return await _duckduckgo(web, query)
    if engine.name == "searxng":
        return await _searxng(web, engine, query)
    if not engine.key:
        raise WebFailed(f"{engine.name} wants a key: `[web]` `api_key_env` names its variable.")
    if engine.name == "brave":
        url = f"{_BRAVE}?{urlencode({'q': query, 'count': MOST_HITS})}"
        answer = _json(await send(web, url, headers={"X-Subscription-Token": engine.key}))
        return _hits(answer.get("web", {}), "description")
    if engine.name == "tavily":
        body = {"query": query, "max_results": MOST_HITS}
        return _hits(await _posted(web, _TAVILY, "Authorization", f"Bearer {engine.key}", body))
    text = {"text": {"maxCharacters": 400}}
    body = {"query": query, "numResults": MOST_HITS, "contents": text}
    return _hits(await _posted(web, _EXA, "x-api-key", engine.key, body), "text")


async def _posted(
    web: Web, url: str, header: str, key: str, body: Mapping[str, Any]
) -> dict[str, Any]:
    headers = {header: key, "Content-Type": "application/json", "Accept": "application/json"}
    return _json(await send(web, url, headers=headers, body=msgspec.json.encode(body)))


async def _searxng(web: Web, engine: Engine, query: str) -> list[Hit]:
    if not engine.url:
        raise WebFailed("`[web]` `search_url` must say where the SearXNG is.")
    url = f"{engine.url.rstrip('/')}/search?{urlencode({'q': query, 'format': 'json'})}"
    # A person's own server may be on a private network; the person said so in the settings.
    own = Web(_as_written, web.tls)
    return _hits(_json(await send(own, url, headers={"Accept": "application/json"})))


def _as_written(url: str) -> Destination:
    """A URL that a person wrote into the settings leads where it says."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UrlRefused("`[web]` `search_url` must begin with http:// or https://.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return Destination(scheme=parts.scheme, host=host, port=port, addresses=(parts.hostname,))


def _json(page: Page) -> dict[str, Any]:
    if page.status >= 300:
        why = " Its key may be wrong." if page.status in (401, 403) else ""
        raise WebFailed(f"The engine answered {page.status}.{why}")
    try:
        return msgspec.json.decode(page.body, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise WebFailed("The engine did not answer with JSON.") from error


def _hits(answer: Any, extract: str = "content") -> list[Hit]:
    found = answer.get("results") if isinstance(answer, dict) else None
    rows = [row for row in found or () if isinstance(row, dict) and row.get("url")]
    return [
        Hit(str(row.get("title") or row["url"]), str(row["url"]), str(row.get(extract) or ""))
        for row in rows[:MOST_HITS]
    ]


async def _duckduckgo(web: Web, query: str) -> list[Hit]:
    page = await send(web, f"{_DUCKDUCKGO}?{urlencode({'q': query})}")
    html = page.body.decode("utf-8", "replace")
    found = Results()
    found.feed(html)
    if found.hits:
        return found.hits[:MOST_HITS]
    if page.status != 200 or "anomaly" in html or "result" not in html:
        raise WebFailed(f"DuckDuckGo refuses to answer a program ({page.status}). {_CHOOSE}")
    return []


class Results(HTMLParser):
    """Reads links of class ``result__a`` and the extract after each; advertisements are left."""

    def __init__(self) -> None:
        super().__init__()
        self.hits: list[Hit] = []
        self._url = self._into = ""
        self._title: list[str] = []
        self._extract: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        classes = said.get("class", "").split()
        if "result__a" in classes:
            self._url, self._into = _unwrapped(said.get("href", "")), "title"
            self._title = []
        elif "result__snippet" in classes:
            self._into, self._extract = tag, []

    def handle_endtag(self, tag: str) -> None:
        if self._into == "title" and tag == "a":
            if self._url:
                self.hits.append(Hit("".join(self._title), self._url, ""))
            self._into = ""
        elif self._into == tag:
            if self._url and self.hits and self.hits[-1].url == self._url:
                last = self.hits[-1]
                self.hits[-1] = Hit(last.title, last.url, "".join(self._extract))
            self._into = ""

    def handle_data(self, data: str) -> None:
        if self._into:
            (self._title if self._into == "title" else self._extract).append(data)


def _unwrapped(href: str) -> str:
    """Where a link of DuckDuckGo leads in the end; nothing for an advertisement."""
    parts = urlsplit(href if "://" in href else f"https:{href}" if href[:2] == "//" else href)
    if (parts.hostname or "").endswith("duckduckgo.com"):
        return parse_qs(parts.query).get("uddg", [""])[0]
    return href if parts.scheme in ("http", "https") else ""
