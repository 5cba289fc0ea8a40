"""Answers in the form of Anthropic's Messages API, for the server of ``chat_server``.

Use it as ``from tests.fakes.anthropic_server import refused, said``::

    async with ChatServer([said("Hello."), refused(529, "overloaded_error")]) as server:
        endpoint = Endpoint(name="fake", base_url=server.base_url)
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tests.fakes.chat_server import Canned


def event(kind: str, **fields: Any) -> bytes:
    """One event of a stream."""
    data = json.dumps({"type": kind, **fields})
    return f"event: {kind}\ndata: {data}\n\n".encode()


def begin(id_: str = "msg_1", **usage: int) -> bytes:
    """The event that an answer begins with."""
    counts = {"input_tokens": 100, "output_tokens": 1, **usage}
    message = {"id": id_, "type": "message", "role": "assistant", "model": "fake", "content": []}
    return event("message_start", message=message | {"stop_reason": None, "usage": counts})


def block(index: int, begun: dict[str, Any], *deltas: dict[str, Any]) -> list[bytes]:
    """A whole block: its beginning, its deltas and its end."""
    grown = [event("content_block_delta", index=index, delta=delta) for delta in deltas]
    first = event("content_block_start", index=index, content_block=begun)
    return [first, *grown, event("content_block_stop", index=index)]


def text(index: int, *words: str) -> list[bytes]:
    """A block of text."""
    deltas = [{"type": "text_delta", "text": word} for word in words]
    return block(index, {"type": "text", "text": ""}, *deltas)


def thought(index: int, words: str, signature: str = "c2lnbg==") -> list[bytes]:
    """A block of thinking."""
    begun = {"type": "thinking", "thinking": "", "signature": ""}
    sign = {"type": "signature_delta", "signature": signature}
    return block(index, begun, {"type": "thinking_delta", "thinking": words}, sign)


def call(index: int, id_: str, name: str, *pieces: str) -> list[bytes]:
    """A block that calls a tool; ``pieces`` join to the JSON of its arguments."""
    begun = {"type": "tool_use", "id": id_, "name": name, "input": {}}
    deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in ("", *pieces)]
    return block(index, begun, *deltas)


def end(stop: str = "end_turn", details: dict[str, Any] | None = None, **usage: Any) -> list[bytes]:
    """The events that an answer ends with."""
    delta = {"stop_reason": stop, "stop_sequence": None, "stop_details": details}
    counts = {"output_tokens": 10, **usage}
    return [event("message_delta", delta=delta, usage=counts), event("message_stop")]


def said(
    words: str = "",
    *,
    reasoning: str = "",
    calls: Sequence[tuple[str, dict[str, Any]]] = (),
    **canned: Any,
) -> Canned:
    """A complete streamed answer: its words one by one, then its calls as ``(name, arguments)``."""
    blocks = [thought(0, reasoning)] if reasoning else []
    if words:
        first, *rest = words.split(" ")
        blocks.append(text(len(blocks), first, *(f" {word}" for word in rest)))
    for name, arguments in calls:
        at = len(blocks)
        blocks.append(call(at, f"toolu_{at}", name, json.dumps(arguments)))
    events = [piece for each in blocks for piece in each]
    stop = end("tool_use" if calls else "end_turn")
    return Canned(pieces=[begin(), event("ping"), *events, *stop], **canned)


def refused(status: int, kind: str, message: str = "no", **headers: str) -> Canned:
    """An error answer."""
    error = {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Canned(status=status, headers=named, pieces=[json.dumps(error).encode()])
