"""The four protocols behind one set of words, for tests that are the same in each of them.

Use it as ``from tests.fakes.tongues import TONGUES``::

    tongue = TONGUES["openai-chat"]
    async with tongue.server([tongue.busy(), tongue.said("Hello.")]) as server:
        endpoint = Endpoint(name="fake", base_url=server.base_url, protocol=tongue.protocol)

An answer uses 100 tokens of input and 10 of output.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.fakes import anthropic_server, chat_server, google_server, responses_server
from tests.fakes.chat_server import Canned, ChatServer

Calls = Sequence[tuple[str, dict[str, Any]]]
SOON = "Slow down. Please try again in 0.05s."


@dataclass(frozen=True, kw_only=True)
class Tongue:
    """How one protocol says things. The last ``ends`` pieces of an answer are its end; ``fault``
    is the event of an error inside an answer, after which asking again soon may help."""

    protocol: str
    server: type[ChatServer]
    ends: int
    fault: bytes
    _said: Callable[..., Canned]
    _busy: dict[str, Any]

    def said(self, text: str = "", *, thoughts: str = "", calls: Calls = ()) -> Canned:
        """A complete answer: what was thought, its words one by one, its calls."""
        return self._said(text, thoughts, calls=calls)

    def busy(self) -> Canned:
        """429, and that it is over soon."""
        body = json.dumps(self._busy).encode()
        return Canned(status=429, headers={"retry-after": "0.05"}, pieces=[body])

    def cut(self, answer: Canned, pieces: int) -> Canned:
        """The connection lost after so many pieces."""
        return Canned(pieces=answer.pieces[:pieces], cut=True)

    def failing(self, answer: Canned) -> Canned:
        """An error where the end should be."""
        return Canned(pieces=[*answer.pieces[: -self.ends], self.fault])

    def truncated(self, answer: Canned) -> Canned:
        """The body ends in good order, and the answer has no end."""
        return Canned(pieces=answer.pieces[: -self.ends])


def _spoken(said: Callable[..., Canned], field: str) -> Callable[..., Canned]:
    """``said`` with thoughts as its second argument, whatever it calls them."""

    def speak(text: str, thoughts: str, calls: Calls) -> Canned:
        return said(text, calls=calls, **{field: thoughts})

    return speak


_RATE = {"type": "rate_limit_error", "message": SOON}
_RETRY = {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "0.05s"}
_EXHAUSTED = {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": SOON, "details": [_RETRY]}
_LIMITED = {"code": "rate_limit_exceeded", "message": SOON, "type": "tokens", "param": None}

_TONGUES = (
    Tongue(
        protocol="anthropic-messages",
        server=ChatServer,
        ends=2,
        fault=anthropic_server.event("error", error=_RATE),
        _said=_spoken(anthropic_server.said, "reasoning"),
        _busy={"type": "error", "error": _RATE},
    ),
    Tongue(
        protocol="google-generate",
        server=google_server.GoogleServer,
        ends=1,
        fault=b"data: " + json.dumps({"error": _EXHAUSTED}).encode() + b"\r\n\r\n",
        _said=_spoken(google_server.said, "reasoning"),
        _busy={"error": _EXHAUSTED},
    ),
    Tongue(
        protocol="openai-chat",
        server=ChatServer,
        ends=3,
        fault=chat_server.event(error=_LIMITED, choices=[]),
        _said=_spoken(chat_server.said, "reasoning"),
        _busy={"error": _LIMITED},
    ),
    Tongue(
        protocol="openai-responses",
        server=ChatServer,
        ends=1,
        fault=responses_server.event("error", **{k: v for k, v in _LIMITED.items() if k != "type"}),
        _said=_spoken(responses_server.said, "thoughts"),
        _busy={"error": _LIMITED},
    ),
)
TONGUES = {tongue.protocol: tongue for tongue in _TONGUES}
"""By protocol."""
