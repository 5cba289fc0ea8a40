"""The conversation, as the messages of Anthropic's API.

What goes out is legal: people and model take turns, a person begins and ends, all results of an
answer's calls come in one message directly after it, before any words, and nothing is empty.
Thoughts, and what the server's own tools did, go back only to the origin they came from.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any, TypeAlias

from ion_core.messages import Image, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.providers.anthropic_ids import CallIds
from ion_core.providers.anthropic_quirks import AnthropicQuirks
from ion_core.providers.base import Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.legal_ids import legal_name
from ion_core.providers.repair import repaired
from ion_core.providers.wire import Blobs

Block: TypeAlias = dict[str, Any]

UNSEEN = "(an image that this model cannot see)"
GONE = "(an image that is no longer stored)"
BEGIN, GO_ON = "(The conversation begins here.)", "Go on."
FAILED = "(It failed without a word.)"
IMAGES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})
THOUGHTS = frozenset({"thinking", "redacted_thinking"})
BLOCK = "block"
"""The field of ``Reasoning.opaque`` that holds a block of the wire as it came."""
INVALID = "INVALID_JSON"
"""The field in which Anthropic's documentation puts arguments that were no JSON object."""


def written_messages(
    request: Request, endpoint: Endpoint, quirks: AnthropicQuirks, blobs: Blobs | None
) -> list[dict[str, Any]]:
    """The messages, in order."""
    writer = _Writer(request, endpoint, quirks, blobs)
    written: list[dict[str, Any]] = []
    messages = repaired(request.messages)
    for message in messages:
        _append(written, *writer.write(message))
    if not written or written[0]["role"] != "user":
        written.insert(0, _user(BEGIN))
    is_paused = bool(messages) and messages[-1].stop == "pause"
    if written[-1]["role"] == "assistant" and not is_paused:
        written.append(_user(GO_ON))
    return written


def _append(written: list[dict[str, Any]], role: str, blocks: list[Block]) -> None:
    """Add blocks; nobody speaks twice in a row."""
    if blocks and written and written[-1]["role"] == role:
        written[-1]["content"] = [*written[-1]["content"], *blocks]
    elif blocks:
        written.append({"role": role, "content": blocks})


def _user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": [_text(text)]}


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


class _Writer:
    def __init__(
        self, request: Request, endpoint: Endpoint, quirks: AnthropicQuirks, blobs: Blobs | None
    ) -> None:
        self._origin, self._quirks = endpoint.origin(request.model), quirks
        sees = quirks.vision or endpoint.model(request.model).vision
        self._blobs = blobs if sees and quirks.images else None
        self._ids = CallIds()
        self._asked: list[str] = []

    def write(self, message: Message) -> tuple[str, list[Block]]:
        match message.role:
            case "user":
                self._asked = []
                return "user", self._said(message.parts)
            case "assistant":
                return "assistant", self._answered(message)
            case "tool":
                return "user", self._results(message.results)

    def _said(self, parts: Sequence[Part]) -> list[Block]:
        blocks: list[Block] = []
        for part in parts:
            match part:
                case Text() if part.text.strip():
                    blocks.append(_text(part.text))
                case Image():
                    blocks.append(self._image(part))
        return blocks

    def _answered(self, message: Message) -> list[Block]:
        self._asked = self._ids.of(message.calls)
        ids = iter(self._asked)
        is_own = message.origin == self._origin
        blocks: list[Block] = []
        for part in message.parts:
            match part:
                case Text() if part.text.strip():
                    blocks.append(_text(part.text))
                case Reasoning() if is_own and self._quirks.replay:
                    blocks += self._thought(part)
                case ToolCall():
                    blocks.append(_call(part, next(ids)))
        return _ended(blocks)

    def _thought(self, thought: Reasoning) -> list[Block]:
        if thought.opaque is not None:
            block = thought.opaque.get(BLOCK)
            return [block] if isinstance(block, dict) else []
        if thought.signature or (self._quirks.unsigned and thought.text):
            signature = thought.signature or ""
            return [{"type": "thinking", "thinking": thought.text, "signature": signature}]
        return []

    def _results(self, results: Sequence[ToolResult]) -> list[Block]:
        # A mended conversation has the results in the order of the calls, directly after them.
        return [self._result(*pair) for pair in zip(results, self._asked, strict=False)]

    def _result(self, result: ToolResult, id_: str) -> Block:
        block: Block = {"type": "tool_result", "tool_use_id": id_}
        failed = result.status != "ok"
        text = result.content if result.content.strip() else FAILED if failed else ""
        content = [_text(text)] if text else []
        content += [self._image(image) for image in result.images]
        if content:
            alone = len(content) == 1 and content[0]["type"] == "text"
            block["content"] = content[0]["text"] if alone else content
        return block | {"is_error": True} if failed else block

    def _image(self, image: Image) -> Block:
        if self._blobs is None or image.media_type not in IMAGES:
            return _text(UNSEEN)
        try:
            data = base64.b64encode(self._blobs(image.sha256)).decode()
        except OSError:
            return _text(GONE)
        source = {"type": "base64", "media_type": image.media_type, "data": data}
        return {"type": "image", "source": source}


def _ended(blocks: list[Block]) -> list[Block]:
    """An answer as it may end: not with a thought, nor with white space. One that is last now
    reads the same when it is not."""
    while blocks and blocks[-1]["type"] in THOUGHTS:
        blocks = blocks[:-1]
    if blocks and blocks[-1]["type"] == "text":
        return [*blocks[:-1], _text(blocks[-1]["text"].rstrip())]
    return blocks


def _call(call: ToolCall, id_: str) -> Block:
    arguments = call.arguments if call.malformed is None else {INVALID: call.malformed}
    return {"type": "tool_use", "id": id_, "name": legal_name(call.name), "input": arguments}
