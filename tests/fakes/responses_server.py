"""Answers in the form of OpenAI's Responses protocol, for the server of ``chat_server``.

Use it as ``from tests.fakes.responses_server import said``::

    async with ChatServer([said("Hello.")]) as server:
        endpoint = Endpoint(name="fake", base_url=server.base_url)
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from tests.fakes.chat_server import Canned

USAGE = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}


def event(kind: str, **fields: Any) -> bytes:
    """One event of a stream."""
    data = json.dumps({"type": kind, **fields})
    return f"event: {kind}\ndata: {data}\n\n".encode()


def begin() -> list[bytes]:
    """The events that an answer begins with."""
    about = {"id": "resp_1", "model": "fake", "status": "in_progress", "output": [], "usage": None}
    return [event(f"response.{name}", response=about) for name in ("created", "in_progress")]


def message(place: int, *words: str, **fields: Any) -> list[bytes]:
    """A whole item of words, one delta each."""
    content = [{"type": "output_text", "text": "".join(words), "annotations": []}]
    item = {"type": "message", "id": f"msg_{place}", "role": "assistant", **fields}
    deltas = [
        event("response.output_text.delta", output_index=place, content_index=0, delta=word)
        for word in words
    ]
    return around(place, {**item, "content": []}, deltas, {**item, "content": content})


def reasoning(place: int, *summaries: str, **fields: Any) -> list[bytes]:
    """A whole item of thoughts, one delta for each part of its summary."""
    item = {"type": "reasoning", "id": f"rs_{place}", "summary": []}
    deltas = [
        event(
            "response.reasoning_summary_text.delta",
            output_index=place,
            summary_index=number,
            delta=summary,
        )
        for number, summary in enumerate(summaries)
    ]
    texts = [{"type": "summary_text", "text": summary} for summary in summaries]
    done = {**item, "encrypted_content": "c2VhbGVk", "summary": texts, **fields}
    return around(place, item, deltas, done)


def call(place: int, id_: str, name: str, *pieces: str) -> list[bytes]:
    """A whole call; ``pieces`` join to the JSON of its arguments."""
    item = {"type": "function_call", "id": f"fc_{place}", "call_id": id_, "name": name}
    deltas = [
        event("response.function_call_arguments.delta", output_index=place, delta=piece)
        for piece in pieces
    ]
    done = {**item, "arguments": "".join(pieces), "status": "completed"}
    return around(place, {**item, "arguments": ""}, deltas, done)


def around(
    place: int, begun: dict[str, Any], deltas: list[bytes], done: dict[str, Any]
) -> list[bytes]:
    """An item from its announcement to its end."""
    return [
        event("response.output_item.added", output_index=place, item=begun),
        *deltas,
        event("response.output_item.done", output_index=place, item=done),
    ]


def end(kind: str = "completed", **fields: Any) -> list[bytes]:
    """The event that an answer ends with."""
    about = {"id": "resp_1", "model": "fake", "status": kind, "output": [], "usage": USAGE}
    return [event(f"response.{kind}", response={**about, **fields})]


def said(
    words: str = "",
    *,
    thoughts: str = "",
    calls: Sequence[tuple[str, dict[str, Any]]] = (),
    **canned: Any,
) -> Canned:
    """A complete streamed answer: its words one by one, then its calls as ``(name, arguments)``."""
    items = [reasoning(0, thoughts)] if thoughts else []
    if words:
        items.append(message(len(items), *re.findall(r"\S*\s+|\S+", words)))
    for name, arguments in calls:
        place = len(items)
        items.append(call(place, f"call_{place}", name, json.dumps(arguments)))
    pieces = [piece for item in items for piece in item]
    return Canned(pieces=[*begin(), *pieces, *end()], **canned)
