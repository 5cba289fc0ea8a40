"""The conversation, as the items of a Responses request.

What goes out is legal for every server: each call is answered exactly once, directly after the
answer that made it, ids are legal and unique, nothing empty is sent. Thoughts go back whole and in
order, before what they led to, and only to the origin they came from.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

from ion_core.messages import Image, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.providers.base import Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.legal_ids import LegalIds
from ion_core.providers.openai_responses_quirks import ResponsesQuirks, digest
from ion_core.providers.repair import repaired
from ion_core.providers.wire import Blobs
from ion_core.providers.wire_json import encoded

UNSEEN = "(an image that this model cannot see)"
LOST = "(an image that is no longer there)"
ATTACHED = "(see the attached image)"

CUSTOM = "custom_tool_call"
"""The type of a call whose input is plain text; kept in ``ToolCall.opaque`` under ``type``."""

ID_SIZE = 64
"""Characters that a call id may have (the API reference of OpenAI)."""

_BROKEN = ("error", "interrupted", "incomplete")
"""Answers that ended like this have thoughts that nobody accepts."""

Item = dict[str, Any]


def written_items(
    request: Request, endpoint: Endpoint, quirks: ResponsesQuirks, blobs: Blobs | None
) -> list[Item]:
    """Every message, in order, as one or more items."""
    writer = _Writer(request, endpoint, quirks, blobs)
    written: list[Item] = []
    if request.system and not quirks.instructions:
        written.append(_said("system", [_input_text(request.system)]))
    for message in repaired(request.messages):
        written += writer.write(message)
    return written


class _Writer:
    def __init__(
        self,
        request: Request,
        endpoint: Endpoint,
        quirks: ResponsesQuirks,
        blobs: Blobs | None,
    ) -> None:
        self._origin, self._quirks = endpoint.origin(request.model), quirks
        sees = endpoint.model(request.model).vision and quirks.images
        self._blobs = blobs if sees else None
        self._ids = LegalIds(longest=ID_SIZE)
        self._called: list[Item] = []
        self._answered = 0

    def write(self, message: Message) -> list[Item]:
        match message.role:
            case "user":
                content = self._content(message.parts)
                return [_said("user", content)] if content else []
            case "assistant":
                return self._assistant(message)
            case "tool":
                return self._results(message.results)

    def _content(self, parts: Sequence[Part]) -> list[Item]:
        written: list[Item] = []
        for part in parts:
            match part:
                case Text() if part.text:
                    written.append(_input_text(part.text))
                case Image():
                    written.append(self._image(part))
        return written

    def _image(self, image: Image) -> Item:
        if self._blobs is None:
            return _input_text(UNSEEN)
        try:
            data = base64.b64encode(self._blobs(image.sha256)).decode()
        except OSError:
            return _input_text(LOST)
        url = f"data:{image.media_type};base64,{data}"
        return {"type": "input_image", "image_url": url, "detail": "auto"}

    def _assistant(self, message: Message) -> list[Item]:
        own = message.origin == self._origin
        written: list[Item] = []
        for part in message.parts:
            match part:
                case Reasoning() if own and message.stop not in _BROKEN:
                    written += self._thought(part)
                case Text() if part.text:
                    written.append(self._words(part, own))
                case ToolCall():
                    written.append(self._call(part, own))
        if self._quirks.calls_last:
            # A stable sort: everything else keeps its order.
            written.sort(key=lambda item: item["type"] in ("function_call", CUSTOM))
        while written and written[-1]["type"] == "reasoning":
            # A thought that led to nothing is refused.
            written.pop()
        self._called = [item for item in written if item["type"] in ("function_call", CUSTOM)]
        return written

    def _thought(self, thought: Reasoning) -> list[Item]:
        if not self._quirks.replay or thought.opaque is None:
            return []
        sealed = thought.opaque.get("encrypted_content")
        if sealed and digest(str(sealed)) in self._quirks.stale:
            return []
        is_open = self._quirks.open_thoughts and thought.opaque.get("content")
        if not sealed and not is_open:
            return []
        item = {"type": "reasoning", "summary": [], **thought.opaque}
        named = {"id": item.pop("id", None) or self._name("rs")}
        return [item | named if self._quirks.full_items else item]

    def _words(self, text: Text, own: bool) -> Item:
        content = [{"type": "output_text", "text": text.text, "annotations": []}]
        item = _said("assistant", content)
        if self._quirks.full_items:
            item |= {"id": self._name("msg"), "status": "completed"}
        phase = (text.opaque or {}).get("phase")
        return {**item, "phase": phase} if phase and own and self._quirks.phase else item

    def _call(self, call: ToolCall, own: bool) -> Item:
        given = {"call_id": self._ids.called(call.id), "name": _legal_name(call.name)}
        if own and call.malformed is not None and (call.opaque or {}).get("type") == CUSTOM:
            return {"type": CUSTOM, **given, "input": call.malformed}
        arguments = encoded(call.arguments).decode()
        made = {"type": "function_call", **given, "arguments": arguments}
        return {**made, "status": "completed"} if self._quirks.full_items else made

    def _name(self, kind: str) -> str:
        """An id for an item that has none, the same in every request of a conversation."""
        self._answered += 1
        return f"{kind}_ion{self._answered}"

    def _results(self, results: Sequence[ToolResult]) -> list[Item]:
        # There is one result for each call, in the order of the calls.
        pairs = zip(results, self._called, strict=True)
        written = [self._result(result, call) for result, call in pairs]
        images = [image for result in results for image in result.images]
        if images and self._blobs is not None and not self._quirks.result_images:
            written.append(_said("user", [self._image(image) for image in images]))
        return written

    def _result(self, result: ToolResult, call: Item) -> Item:
        kind, name = f"{call['type']}_output", call["call_id"]
        return {"type": kind, "call_id": name, "output": self._output(result)}

    def _output(self, result: ToolResult) -> str | list[Item]:
        if not result.images:
            return result.content
        if self._blobs is not None and self._quirks.result_images:
            words = [_input_text(result.content)] if result.content else []
            return [*words, *(self._image(image) for image in result.images)]
        note = UNSEEN if self._blobs is None else ATTACHED
        return f"{result.content}\n{note}".lstrip()


def _said(role: str, content: list[Item]) -> Item:
    return {"type": "message", "role": role, "content": content}


def _legal_name(name: str) -> str:
    """The name of a tool, also of one that a model made up."""
    return re.sub(r"[^a-zA-Z0-9_-]", "_", name)[:64] or "unknown"


def _input_text(text: str) -> Item:
    return {"type": "input_text", "text": text}
