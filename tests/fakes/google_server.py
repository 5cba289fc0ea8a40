"""Answers in the form of Gemini's ``generateContent``, over a real socket.

Use it as ``from tests.fakes.google_server import GoogleServer, refused, said``::

    async with GoogleServer([said("Hello."), refused(503, "UNAVAILABLE")]) as server:
        endpoint = Endpoint(name="fake", base_url=server.base_url)
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Sequence
from typing import Any

from tests.fakes.chat_server import Asked, Canned, ChatServer, _send


def event(*parts: dict[str, Any], finish: str = "", **more: Any) -> bytes:
    """One event of a stream, with Google's line ends."""
    candidate: dict[str, Any] = {"content": {"role": "model", "parts": list(parts)}, "index": 0}
    if finish:
        candidate["finishReason"] = finish
    chunk = {"candidates": [candidate], "modelVersion": "fake", "responseId": "r1", **more}
    return b"data: " + json.dumps(chunk).encode() + b"\r\n\r\n"


def said(
    text: str = "",
    *,
    reasoning: str = "",
    calls: Sequence[tuple[str, dict[str, Any]]] = (),
    usage: tuple[int, int] = (100, 10),
    finish: str = "STOP",
    **canned: Any,
) -> Canned:
    """A complete streamed answer: its words one by one, then its calls as ``(name, arguments)``,
    the first of them signed."""
    pieces = [event({"text": reasoning, "thought": True})] if reasoning else []
    pieces += [event({"text": word}) for word in re.findall(r"\S*\s+|\S+", text)]
    for number, (name, arguments) in enumerate(calls):
        signed = {"thoughtSignature": "c2lnbg=="} if number == 0 else {}
        pieces.append(event({"functionCall": {"name": name, "args": arguments}, **signed}))
    counts = {"promptTokenCount": usage[0], "candidatesTokenCount": usage[1]}
    pieces.append(event({"text": ""}, finish=finish, usageMetadata=counts))
    return Canned(pieces=pieces, **canned)


def refused(status: int, name: str, message: str = "no", *details: dict[str, Any]) -> Canned:
    """An error answer; ``name`` is Google's word for the status."""
    error = {"code": status, "status": name, "message": message, "details": list(details)}
    return Canned(status=status, pieces=[json.dumps({"error": error}).encode()])


class GoogleServer(ChatServer):
    """The server of ``chat_server``, with Google's list of models."""

    @property
    def base_url(self) -> str:
        return f"{super().base_url}beta"

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        if asked.method != "GET":
            await super()._answer(asked, writer)
            return
        rows = [{"name": f"models/{name}"} for name in self._models]
        await _send(Canned(pieces=[json.dumps({"models": rows}).encode()]), writer)
