"""The trace of HTTP that ``ION_LOG=debug`` asks for: what was sent and what came, when.

One file a process, one JSON object a line, readable by its owner alone. Keys, cookies and account
ids are taken out before anything is written, also where a server repeats them or cuts them between
two pieces. A trace that cannot be written ends; the request goes on.
"""

from __future__ import annotations

import codecs
import itertools
import os
import re
import time
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from ion_core import private
from ion_core.errors import ConfigError
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.redaction import SHORTEST, redacted, secrets_of

LIMIT_BYTES = 50 * 2**20
"""Where a file ends, with a line that says so."""

_HIDDEN = r"(?i)key|auth|token|secret|cookie|account|session|organi[sz]ation|project|signature"
_OPEN = ("ratelimit", "rate-limit")
"""Headers that count tokens are no secrets."""
_WORD = r"[\w.*+/=-]{1,512}\Z"
"""The end of a piece that may be the beginning of a key: it waits for the next one."""


def trace_of(endpoint: Endpoint) -> Trace:
    """The trace of an endpoint, into the file of this process. Raises ``ConfigError`` when there
    can be none."""
    folder = Path(endpoint.trace_folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
    try:
        private.folder(folder)
        name = f"http-{time.strftime('%Y-%m-%d')}-{os.getpid()}.jsonl"
        return Trace(os.open(folder / name, flags, 0o600), endpoint)
    except OSError as error:
        raise ConfigError(f"ION_LOG=debug writes to {folder}, which fails: {error}") from error


class Trace:
    """Sends the requests of one endpoint and writes down what happens. ``file`` is open, and
    closed by ``close``."""

    def __init__(self, file: int, endpoint: Endpoint, limit_bytes: int = LIMIT_BYTES) -> None:
        self._file, self._limit_bytes = file, limit_bytes
        self._name, self._own = endpoint.name, {name.lower() for name in endpoint.headers}
        self._numbers = itertools.count(1)
        self._untold = endpoint.untold
        self._ended = False

    async def send(self, client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
        """What ``client.send(request, stream=True)`` gives and raises. The body is written down
        as it is read."""
        exchange = Exchange(self, f"{self._name}-{next(self._numbers)}", self._secrets(request))
        exchange.asked(request)
        try:
            response = await client.send(request, stream=True)
        except BaseException as error:
            exchange.failed(error)
            raise
        exchange.answered(response)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        response.stream = _Overheard(response.stream, exchange)
        return response

    def headers(self, given: Mapping[str, str], secrets: tuple[str, ...]) -> dict[str, str]:
        """Headers without what they hide. One of a person's own may hide anything."""
        return {
            name: "[hidden]" if self._hides(name.lower()) else redacted(value, secrets)
            for name, value in given.items()
        }

    def write(self, line: dict[str, Any]) -> None:
        """One line, while there is room."""
        if self._ended:
            return
        said = msgspec.json.encode(line) + b"\n"
        try:
            if os.fstat(self._file).st_size + len(said) > self._limit_bytes:
                self._ended = True
                said = msgspec.json.encode({"at": time.time(), "what": "full"}) + b"\n"
            os.write(self._file, said)
        except OSError:
            # A full disk ends the trace, not the conversation.
            self._ended = True

    def close(self) -> None:
        """Close the file."""
        self._ended = True
        os.close(self._file)

    def _hides(self, name: str) -> bool:
        if any(word in name for word in _OPEN):
            return False
        return name in self._own or re.search(_HIDDEN, name) is not None

    def _secrets(self, request: httpx.Request) -> tuple[str, ...]:
        own = [value for name, value in request.headers.items() if name in self._own]
        asked = [value for name, value in request.url.params.items() if re.search(_HIDDEN, name)]
        return (*secrets_of(request.headers), *own, *asked, *self._untold)


class Exchange:
    """One request and its answer in the trace. ``secrets`` are those that it was sent with."""

    def __init__(self, trace: Trace, name: str, secrets: tuple[str, ...]) -> None:
        self._trace, self._name = trace, name
        self._secrets = tuple(each for each in secrets if len(each) >= SHORTEST)
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        self._held, self._bytes, self._over = "", 0, False

    def asked(self, request: httpx.Request) -> None:
        """The request, before it is sent."""
        self._note(
            "request",
            method=request.method,
            url=redacted(_without_query(request.url), self._secrets),
            headers=self._trace.headers(request.headers, self._secrets),
            body=redacted(request.content.decode("utf-8", "replace"), self._secrets),
        )

    def answered(self, response: httpx.Response) -> None:
        """The head of the answer."""
        headers = self._trace.headers(response.headers, self._secrets)
        self._note("response", status=response.status_code, headers=headers)

    def came(self, piece: bytes) -> None:
        """More of the answer's body."""
        self._bytes += len(piece)
        self._say(self._decoder.decode(piece))

    def ended(self, how: str) -> None:
        """The end: the body's ("end"), or the reader had enough ("closed"). Only the first
        counts."""
        if not self._over:
            self._over = True
            self._say(self._decoder.decode(b"", final=True), last=True)
            self._note(how, bytes=self._bytes)

    def failed(self, error: BaseException) -> None:
        """No answer, or none to its end."""
        self._over = True
        self._say("", last=True)
        message = redacted(str(error), self._secrets)
        self._note("error", error=type(error).__name__, message=message)

    def _say(self, text: str, *, last: bool = False) -> None:
        text = self._held + text
        held = 0 if last else self._waiting(text)
        told, self._held = text[: len(text) - held], text[len(text) - held :]
        if told:
            self._note("piece", text=redacted(told, self._secrets))

    def _waiting(self, text: str) -> int:
        """How many characters at the end may begin a secret."""
        word = re.search(_WORD, text)
        return max(len(word[0]) if word else 0, *(_begun(text, each) for each in self._secrets), 0)

    def _note(self, what: str, **more: Any) -> None:
        self._trace.write({"at": time.time(), "exchange": self._name, "what": what, **more})


class _Overheard(httpx.AsyncByteStream):
    """The body of an answer, written down as it passes."""

    def __init__(self, body: httpx.AsyncByteStream, exchange: Exchange) -> None:
        self._body, self._exchange = body, exchange

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._body:
                self._exchange.came(piece)
                yield piece
            self._exchange.ended("end")
        except Exception as error:
            self._exchange.failed(error)
            raise

    async def aclose(self) -> None:
        self._exchange.ended("closed")
        await self._body.aclose()


def _without_query(url: httpx.URL) -> str:
    """An address whose query says only what is no secret."""
    kept = [(name, text) for name, text in url.params.multi_items() if not re.search(_HIDDEN, name)]
    query = urlencode(kept).encode() or None
    return str(url.copy_with(userinfo=b"", query=query))


def _begun(text: str, secret: str) -> int:
    """The longest end of ``text`` that is a beginning of ``secret``."""
    longest = min(len(text), len(secret) - 1)
    sizes = range(longest, 0, -1)
    return next((size for size in sizes if text.endswith(secret[:size])), 0)
