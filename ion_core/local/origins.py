"""Where packages come from on this machine: what pip is configured with, else the public index.

Looks a wheel up in folders of wheels, in pages of links and in simple indexes (PEP 503 and 691),
on disk or over HTTP. Where a file comes from is of no importance to its safety: its pin decides.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urljoin, urlsplit

if TYPE_CHECKING:
    import httpx

_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.5"
_LINK = re.compile(r"""<a\s[^>]*?href\s*=\s*["']([^"']+)["']""", re.IGNORECASE)
_SECTIONS = (":env:", "download", "install", "site", "user", "global")


@dataclass(frozen=True, kw_only=True)
class Origins:
    """``links`` are folders or pages of links, ``indexes`` simple indexes; ``cert`` is a bundle of
    certificate authorities, empty for the system's."""

    links: tuple[str, ...] = ()
    indexes: tuple[str, ...] = ()
    cert: str = ""


def pip_origins() -> Origins:
    """What this interpreter's pip is configured with (``pip config list`` joins its files and
    ``PIP_*``), else the index that pip itself asks."""
    try:
        listed = subprocess.run(
            [sys.executable, "-m", "pip", "config", "list"],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
            stdin=subprocess.DEVNULL,
        ).stdout
    except (OSError, subprocess.TimeoutExpired):
        listed = ""
    return parse(listed, public_index())


def public_index() -> str:
    """The index that an unconfigured pip asks; without a pip, what ``UV_INDEX_URL`` names."""
    try:
        from pip._internal.models.index import PyPI
    except ImportError:
        return os.environ.get("UV_INDEX_URL", "")
    return str(PyPI.simple_url)


def parse(listed: str, public: str) -> Origins:
    """The origins in the output of ``pip config list``: lines of ``section.key='value'``.

    ``public`` is the index where none is configured; empty for none.
    """
    found: dict[tuple[str, str], str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, key = name.rpartition(".")
        found[section, key] = _value(value)

    def setting(key: str) -> str:
        return next((found[s, key] for s in _SECTIONS if (s, key) in found), "")

    alone = setting("no-index").lower() in ("1", "true", "yes", "on")
    asked = (setting("index-url") or public, *setting("extra-index-url").split())
    return Origins(
        links=tuple(setting("find-links").split()),
        indexes=() if alone else tuple(index for index in asked if index),
        cert=setting("cert"),
    )


def places(origins: Origins, wheel: str, client: httpx.Client) -> Iterator[str]:
    """Paths and URLs where a wheel is said to be, nearest first.

    An origin that cannot be asked is passed over; ``httpx.TransportError`` is raised when none
    could be asked and at least one is on a network.
    """
    project = re.sub(r"[-_.]+", "-", wheel.split("-", maxsplit=1)[0]).lower()
    pages = [*origins.links, *(f"{index.rstrip('/')}/{project}/" for index in origins.indexes)]
    failed: Exception | None = None
    answered = False
    for page in sorted(pages, key=_is_remote):
        try:
            found = _on_page(page, wheel, client)
        except _errors() as error:
            failed = error
            continue
        answered = answered or _is_remote(page)
        yield from found
    if failed is not None and not answered:
        raise failed


def _on_page(page: str, wheel: str, client: httpx.Client) -> list[str]:
    if not _is_remote(page):
        folder = _path(page)
        if (file := folder / wheel).is_file():
            return [str(file)]
        index = folder / "index.html" if folder.is_dir() else folder
        text = index.read_text(errors="replace") if index.is_file() else ""
        return [_local(url) for url in _links(index.absolute().as_uri(), text, wheel)]
    response = client.get(page, headers={"Accept": _ACCEPT})
    if response.status_code == 404:
        return []
    response.raise_for_status()
    if "json" in response.headers.get("content-type", ""):
        files = response.json().get("files", [])
        return [urljoin(page, file["url"]) for file in files if file.get("filename") == wheel]
    return _links(page, response.text, wheel)


def _links(base: str, text: str, wheel: str) -> list[str]:
    urls = (urljoin(base, unescape(link)).partition("#")[0] for link in _LINK.findall(text))
    return [url for url in urls if unquote(urlsplit(url).path).rpartition("/")[2] == wheel]


def _local(url: str) -> str:
    return str(_path(url)) if url.startswith("file:") else url


def _path(place: str) -> Path:
    if place.startswith("file:"):
        return Path(unquote(urlsplit(place).path))
    return Path(place).expanduser()


def _is_remote(place: str) -> bool:
    return place.startswith(("http://", "https://"))


def _errors() -> tuple[type[Exception], ...]:
    # httpx is imported only where something is fetched.
    import httpx

    return (httpx.HTTPError, ValueError)


def _value(text: str) -> str:
    try:
        return str(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text
