"""A streamed answer of many small deltas, in the framing of each protocol.

Every delta is as long as its vendor's really are, with the fields that repeat in each of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

WORD = " word"
"""What one delta says."""


def _named(kind: str, **fields: Any) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def _anthropic(count: int) -> Iterator[bytes]:
    message = {"id": "msg_bench", "type": "message", "role": "assistant", "content": []}
    usage = {"input_tokens": 100, "output_tokens": 1}
    yield _named("message_start", message=message | {"model": "bench", "usage": usage})
    yield _named("content_block_start", index=0, content_block={"type": "text", "text": ""})
    for _ in range(count):
        yield _named("content_block_delta", index=0, delta={"type": "text_delta", "text": WORD})
    yield _named("content_block_stop", index=0)
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    yield _named("message_delta", delta=stop, usage={"output_tokens": count})
    yield _named("message_stop")


def _chat(count: int) -> Iterator[bytes]:
    about = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1764000000,
        "model": "bench",
        "service_tier": "default",
        "system_fingerprint": "fp_e8236260a9",
    }
    choice = {"index": 0, "logprobs": None, "finish_reason": None}
    for _ in range(count):
        yield _plain(about | {"choices": [choice | {"delta": {"content": WORD}}]})
    yield _plain(about | {"choices": [choice | {"delta": {}, "finish_reason": "stop"}]})
    usage = {"prompt_tokens": 100, "completion_tokens": count}
    yield _plain(about | {"choices": [], "usage": usage})
    yield b"data: [DONE]\n\n"


def _responses(count: int) -> Iterator[bytes]:
    about = {"id": "resp_bench", "model": "bench", "output": []}
    item = {"id": "msg_bench", "type": "message", "role": "assistant", "content": []}
    place = {"item_id": "msg_bench", "output_index": 0}
    yield _named("response.created", response=about | {"status": "in_progress", "usage": None})
    yield _named("response.output_item.added", output_index=0, item=item)
    for number in range(count):
        more = {"content_index": 0, "delta": WORD, "logprobs": [], "obfuscation": "x8Kd0zQ1Lm"}
        yield _named("response.output_text.delta", sequence_number=number, **place, **more)
    content = [{"type": "output_text", "text": WORD * count, "annotations": []}]
    yield _named("response.output_item.done", output_index=0, item=item | {"content": content})
    usage = {"input_tokens": 100, "output_tokens": count}
    yield _named("response.completed", response=about | {"status": "completed", "usage": usage})


def _google(count: int) -> Iterator[bytes]:
    for number in range(1, count + 1):
        parts = {"role": "model", "parts": [{"text": WORD}]}
        ending = {"finishReason": "STOP"} if number == count else {}
        usage = {"promptTokenCount": 100, "candidatesTokenCount": number}
        about = {"modelVersion": "bench", "responseId": "bench", "usageMetadata": usage}
        yield _plain({"candidates": [{"content": parts, "index": 0, **ending}], **about}, "\r\n")


def _plain(body: dict[str, Any], line: str = "\n") -> bytes:
    return f"data: {json.dumps(body)}{line}{line}".encode()


FRAMINGS: dict[str, Callable[[int], Iterator[bytes]]] = {
    "anthropic-messages": _anthropic,
    "openai-chat": _chat,
    "openai-responses": _responses,
    "google-generate": _google,
}
"""The events of an answer with so many deltas, by protocol."""
