"""One page from the web: HTTP/1.1 over a socket to a checked address, redirects included.

There are no cookies, no proxies and no credentials of the environment. Each redirect is checked
like the first URL, and one to a host that nobody has allowed is told of instead. The body is
counted while it comes, compressed and not.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from urllib.parse import quote, urljoin, urlsplit

import h11

from ion_core.tools.web import Destination, LeadsElsewhere, Page, UrlRefused, Web, WebFailed

MOST_BYTES = 5 << 20
_MOST_RATIO, _SMALL_BYTES = 100, 1 << 20  # what is small may be packed as tightly as it likes
_MOST_REDIRECTS, _CONNECT_S, _BLOCK_BYTES = 5, 10.0, 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_READABLE = "text/markdown, text/html;q=0.9, text/plain;q=0.9, application/json;q=0.8, */*;q=0.1"
_HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; ion; a person's coding agent)",
    "Accept": _READABLE,
    "Accept-Language": "en, *;q=0.5",
    "Accept-Encoding": "gzip",
    "Connection": "close",
}


async def get(web: Web, url: str) -> Page:
    """The page at ``url``, whose host was allowed. Raises :class:`UrlRefused`,
    :class:`LeadsElsewhere` and :class:`WebFailed`."""
    allowed = {_site(url)}
    for _ in range(_MOST_REDIRECTS + 1):
        page, onward = await _ask(web, url, "GET", {}, b"")
        if not onward:
            return page
        following = _joined(url, onward)
        if url.startswith("https:") and not following.lower().startswith("https:"):
            raise UrlRefused(f"{url} leads from https to {following[:200]}.")
        if _site(following) not in allowed and not web.covers(following):
            raise LeadsElsewhere(following)
        allowed.add(_site(following))
        url = following
    raise WebFailed(f"More than {_MOST_REDIRECTS} redirects; the last one was to {url[:200]}.")


def _joined(url: str, onward: str) -> str:
    try:
        return urljoin(url, onward)
    except ValueError as error:
        raise WebFailed(f"{url} leads to {onward[:200]}, which is no URL.") from error


def _site(url: str) -> str:
    """The host of a URL; that with www before it is the same. One that is written unusually is
    itself alone."""
    try:
        place = urlsplit(url)
    except ValueError:
        return url
    host = (place.hostname or "").rstrip(".")
    if not host or "@" in place.netloc or "%" in place.netloc:
        return url
    bare = host.removeprefix("www.")
    return bare if "." in bare else host


async def send(
    web: Web, url: str, *, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> Page:
    """The answer to one request: a POST when there is a body. No redirect is followed, so that
    what ``headers`` say is told to nobody else. Raises like :func:`get`."""
    page, _ = await _ask(web, url, "POST" if body else "GET", headers or {}, body)
    return page


async def _ask(
    web: Web, url: str, method: str, headers: Mapping[str, str], body: bytes
) -> tuple[Page, str]:
    """An answer, and where it sends on to, or nothing."""
    url = url.partition("#")[0]
    to = await asyncio.to_thread(web.lead, url)
    sent = {"Host": _authority(to), **_HEADERS, **headers}
    if body:
        sent["Content-Length"] = str(len(body))
    request = h11.Request(method=method, target=_target(url), headers=list(sent.items()))
    try:
        async with _connected(web, to) as (reader, writer):
            return await _exchange(url, request, body, reader, writer)
    except h11.ProtocolError as error:
        raise WebFailed(f"{to.host} did not speak HTTP: {error}.") from error
    except ssl.SSLError as error:
        raise WebFailed(f"{to.host}: {error.reason or error}.") from error
    except OSError as error:
        raise WebFailed(f"{to.host} could not be reached: {error.strerror or error}.") from error


async def _exchange(
    url: str,
    request: h11.Request,
    body: bytes,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> tuple[Page, str]:
    http = h11.Connection(h11.CLIENT)
    for event in (request, *([h11.Data(data=body)] if body else []), h11.EndOfMessage()):
        writer.write(http.send(event) or b"")
    await writer.drain()
    head = await _next(http, reader)
    while isinstance(head, h11.InformationalResponse):
        head = await _next(http, reader)
    if not isinstance(head, h11.Response):
        raise WebFailed("The server hung up without an answer.")
    said = {name.decode().lower(): value.decode("latin-1") for name, value in head.headers}
    if head.status_code in _REDIRECTS and said.get("location"):
        page = Page(url=url, status=head.status_code, type="", body=b"")
        return page, quote(said["location"].encode("latin-1"), safe=_PLAIN)
    whole = await _body(http, reader, said.get("content-encoding", ""))
    kind = said.get("content-type", "")
    return Page(url=url, status=head.status_code, type=kind, body=whole), ""


async def _next(http: h11.Connection, reader: asyncio.StreamReader) -> object:
    while (event := http.next_event()) is h11.NEED_DATA:
        http.receive_data(await reader.read(_BLOCK_BYTES))
    return event


async def _body(http: h11.Connection, reader: asyncio.StreamReader, coding: str) -> bytes:
    coding = coding.strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip"):
        raise WebFailed(f"The page is packed as {coding[:40]}, which nobody asked for.")
    unpack = zlib.decompressobj(31) if "gzip" in coding else None  # 31: gzip alone
    whole, came = bytearray(), 0
    while isinstance(event := await _next(http, reader), h11.Data):
        came += len(event.data)
        whole += _unpacked(unpack, bytes(event.data), MOST_BYTES + 1 - len(whole))
        if len(whole) > MOST_BYTES:
            raise WebFailed(f"The page is larger than {MOST_BYTES >> 20} MB.")
        if len(whole) > max(_SMALL_BYTES, came * _MOST_RATIO):
            raise WebFailed("The page is packed too tightly to be one.")
    return bytes(whole)


def _unpacked(unpack: zlib._Decompress | None, data: bytes, room: int) -> bytes:
    if unpack is None:
        return data
    try:
        return unpack.decompress(data, room)
    except zlib.error as error:
        raise WebFailed("The page is packed wrongly.") from error


@asynccontextmanager
async def _connected(
    web: Web, to: Destination
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the first of the addresses that answers, closed afterwards."""
    secure = to.scheme == "https"
    context, name = (web.tls(), to.host.strip("[]")) if secure else (None, None)
    failed: OSError = OSError("it has no address")
    for address in to.addresses:
        try:
            async with asyncio.timeout(_CONNECT_S):
                reader, writer = await asyncio.open_connection(
                    address, to.port, ssl=context, server_hostname=name
                )
            break
        except TimeoutError:
            failed = OSError(f"no answer within {_CONNECT_S:g} s")
        except OSError as error:
            failed = error
    else:
        raise failed
    try:
        yield reader, writer
    finally:
        with suppress(OSError):
            writer.transport.abort()


def _authority(to: Destination) -> str:
    usual = 443 if to.scheme == "https" else 80
    return to.host if to.port == usual else f"{to.host}:{to.port}"


_PLAIN = "!#$%&'()*+,/:;=?@[]~-._"


def _target(url: str) -> str:
    """What stands after the host. Anything but plain ASCII is sent by its number."""
    rest = url.partition("://")[2]
    at = min((place for sign in "/?" if (place := rest.find(sign)) >= 0), default=len(rest))
    path = rest[at:]
    return quote(path if path.startswith("/") else f"/{path}", safe=_PLAIN)
