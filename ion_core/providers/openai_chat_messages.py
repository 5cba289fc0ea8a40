"""The conversation, as the messages of a chat completion.

What goes out is legal for every vendor: each call is answered exactly once, directly after the
message that made it, and nothing empty is sent. Thoughts go back only to the origin they came
from.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from ion_core.messages import Image, Message, Reasoning, Text, ToolCall, ToolResult
from ion_core.providers.base import Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.legal_ids import LegalIds, legal_name
from ion_core.providers.quirks import Quirks
from ion_core.providers.repair import repaired
from ion_core.providers.thoughts import CONTENT, DETAILS, FIELDS
from ion_core.providers.wire import Blobs
from ion_core.providers.wire_json import encoded

UNSEEN = "(an image that this model cannot see)"
ATTACHED = "(see the attached image)"


def written_messages(
    request: Request, endpoint: Endpoint, quirks: Quirks, blobs: Blobs | None
) -> list[dict[str, Any]]:
    """System prompt and messages, in order."""
    writer = _Writer(request, endpoint, quirks, blobs)
    written: list[dict[str, Any]] = []
    if request.system:
        written.append({"role": quirks.system_role, "content": request.system})
    for message in repaired(request.messages):
        for one in writer.write(message):
            _append(written, one, quirks)
    return written


def _append(written: list[dict[str, Any]], one: dict[str, Any], quirks: Quirks) -> None:
    """Add a message; users do not speak twice in a row, since some templates refuse that."""
    last = written[-1] if written else {}
    if one["role"] == "user" == last.get("role"):
        last["content"] = _joined(last["content"], one["content"])
        return
    if one["role"] == "user" and last.get("role") == "tool" and quirks.assistant_after_tool:
        written.append({"role": "assistant", "content": "Done."})
    written.append(one)


def _joined(first: str | list[Any], second: str | list[Any]) -> str | list[Any]:
    if isinstance(first, str) and isinstance(second, str):
        return f"{first}\n\n{second}"
    parts = [
        [{"type": "text", "text": each}] if isinstance(each, str) else each
        for each in (first, second)
    ]
    return [*parts[0], *parts[1]]


class _Writer:
    def __init__(
        self, request: Request, endpoint: Endpoint, quirks: Quirks, blobs: Blobs | None
    ) -> None:
        self._origin, self._quirks = endpoint.origin(request.model), quirks
        sees = endpoint.model(request.model).vision and quirks.images
        self._blobs = blobs if sees else None
        self._ids = LegalIds(quirks.call_id_size)

    def write(self, message: Message) -> list[dict[str, Any]]:
        match message.role:
            case "user":
                return self._user(message)
            case "assistant":
                return self._assistant(message)
            case "tool":
                return self._tool(message)

    def _user(self, message: Message) -> list[dict[str, Any]]:
        content = self._content(message.parts)
        return [{"role": "user", "content": content}] if content else []

    def _content(self, parts: Sequence[object]) -> str | list[dict[str, Any]]:
        written: list[dict[str, Any]] = []
        for part in parts:
            match part:
                case Text() if part.text:
                    written.append({"type": "text", "text": part.text})
                case Image():
                    written.append(self._image(part))
        if all(part["type"] == "text" for part in written):
            return "\n\n".join(part["text"] for part in written)
        return written

    def _image(self, image: Image) -> dict[str, Any]:
        if self._blobs is None:
            return {"type": "text", "text": UNSEEN}
        data = base64.b64encode(self._blobs(image.sha256)).decode()
        url = f"data:{image.media_type};base64,{data}"
        return {"type": "image_url", "image_url": {"url": url, "detail": "auto"}}

    def _assistant(self, message: Message) -> list[dict[str, Any]]:
        own = message.origin == self._origin
        calls = [self._call(call, own=own) for call in message.calls]
        if not message.text and not calls:
            return []
        written: dict[str, Any] = {"role": "assistant"}
        if message.text or self._quirks.empty_content != "omit":
            empty = None if self._quirks.empty_content == "null" else ""
            written["content"] = message.text or empty
        if own:
            for part in message.parts:
                if isinstance(part, Reasoning):
                    self._replay(part, written)
        if calls:
            written["tool_calls"] = calls
            if self._quirks.empty_reasoning:
                written.setdefault(self._quirks.empty_reasoning, "")
        return [written]

    def _replay(self, thought: Reasoning, written: dict[str, Any]) -> None:
        opaque = thought.opaque
        if opaque is None or self._quirks.replay == "none":
            return
        field, text = opaque.get("field"), written.get("content") or ""
        if self._quirks.replay == "think_tags":
            written["content"] = f"<think>{thought.text}</think>\n\n{text}"
        elif DETAILS in opaque:
            written[DETAILS] = opaque[DETAILS]
        elif field in FIELDS:
            written[field] = thought.text
        elif field == CONTENT:
            inner: Any = [{"type": "text", "text": thought.text}]
            words = [{"type": "text", "text": text}] if text else []
            written["content"] = [{"type": "thinking", "thinking": inner}, *words]

    def _call(self, call: ToolCall, *, own: bool) -> dict[str, Any]:
        arguments = encoded(call.arguments).decode()
        function = {"name": legal_name(call.name), "arguments": arguments}
        written = {
            "id": self._ids.called(call.id, own=own),
            "type": "function",
            "function": function,
        }
        return written | (call.opaque if own and call.opaque else {})

    def _tool(self, message: Message) -> list[dict[str, Any]]:
        written: list[dict[str, Any]] = [
            {
                "role": "tool",
                "tool_call_id": self._ids.answered(result.call),
                "content": self._result(result),
            }
            for result in message.results
        ]
        images = [image for result in message.results for image in result.images]
        if images and self._blobs is not None:
            written.append({"role": "user", "content": [self._image(image) for image in images]})
        return written

    def _result(self, result: ToolResult) -> str:
        if not result.images:
            return result.content
        note = UNSEEN if self._blobs is None else ATTACHED
        return f"{result.content}\n{note}".lstrip()
