"""The conversation, as the contents of Gemini's ``generateContent``.

What goes out obeys Gemini's rules: the first content is the user's, each call is answered directly
after the content that made it, by as many parts as there were calls and by nothing else, and
nothing empty is sent. Signatures go back on exactly the parts they came on, to their origin only.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from typing import Any

from ion_core.messages import Image, Message, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.providers.base import Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.google_quirks import GoogleQuirks
from ion_core.providers.google_signed import ID, SIGNATURE, pieces
from ion_core.providers.repair import repaired
from ion_core.providers.wire import Blobs

SENTINEL = "skip_thought_signature_validator"
"""Stands for the signature of a call that has none
(https://ai.google.dev/gemini-api/docs/thought-signatures)."""
UNSEEN = "(an image that this model cannot see)"
ATTACHED = "(see the attached image)"
BEGIN = "(The conversation so far began before this.)"

FORMATS = ("image/png", "image/jpeg", "image/webp", "image/heic", "image/heif")
"""Images that Gemini reads (https://ai.google.dev/gemini-api/docs/image-understanding)."""

Content = dict[str, Any]


def written_contents(
    request: Request, endpoint: Endpoint, quirks: GoogleQuirks, blobs: Blobs | None
) -> list[Content]:
    """The messages, in order."""
    writer = _Writer(request, endpoint, quirks, blobs)
    contents: list[Content] = []
    if request.system and not quirks.system:
        contents.append({"role": "user", "parts": [{"text": request.system}]})
    for message in repaired(request.messages):
        for content in writer.write(message):
            _append(contents, content)
    if not contents or contents[0]["role"] != "user":
        contents.insert(0, {"role": "user", "parts": [{"text": BEGIN}]})
    return contents


def _append(contents: list[Content], content: Content) -> None:
    """Add a content; nobody speaks twice in a row, but after results, which stand alone."""
    last = contents[-1] if contents else {}
    if last.get("role") == content["role"] and not (_answers(last) or _answers(content)):
        last["parts"] = [*last["parts"], *content["parts"]]
    else:
        contents.append(content)


def _answers(content: Content) -> bool:
    return any("functionResponse" in part for part in content["parts"])


class _Writer:
    def __init__(
        self, request: Request, endpoint: Endpoint, quirks: GoogleQuirks, blobs: Blobs | None
    ) -> None:
        self._origin, self._quirks = endpoint.origin(request.model), quirks
        sees = endpoint.model(request.model).vision and quirks.images
        self._blobs = blobs if sees else None
        self._called: list[ToolCall] = []

    def write(self, message: Message) -> list[Content]:
        match message.role:
            case "user":
                self._called = []
                parts = [written for part in message.parts for written in self._user(part)]
                return [{"role": "user", "parts": parts}] if parts else []
            case "assistant":
                parts = self._assistant(message)
                return [{"role": "model", "parts": parts}] if parts else []
            case "tool":
                return self._results(message.results)

    def _user(self, part: Part) -> list[dict[str, Any]]:
        match part:
            case Text() if part.text:
                return [{"text": part.text}]
            case Image():
                return [self._image(part) or {"text": UNSEEN}]
            case _:
                return []

    def _image(self, image: Image) -> dict[str, Any] | None:
        if self._blobs is None or image.media_type not in FORMATS:
            return None
        data = base64.b64encode(self._blobs(image.sha256)).decode()
        return {"inlineData": {"mimeType": image.media_type, "data": data}}

    def _assistant(self, message: Message) -> list[dict[str, Any]]:
        own = message.origin == self._origin and self._quirks.replay
        self._called = []
        parts: list[dict[str, Any]] = []
        for part in message.parts:
            match part:
                case Text():
                    parts += pieces(part.text, part.opaque if own else None)
                case Reasoning() if own:
                    said = pieces(part.text, part.opaque)
                    parts += [{**piece, "thought": True} for piece in said]
                case ToolCall():
                    parts.append(self._call(part, message.origin == self._origin))
        return parts

    def _call(self, call: ToolCall, own: bool) -> dict[str, Any]:
        first = not self._called
        opaque = (call.opaque or {}) if own else {}
        known = call if own else _of_another(call)
        self._called.append(known)
        written: dict[str, Any] = {"name": _name(call.name), "args": call.arguments}
        part: dict[str, Any] = {"functionCall": self._with_id(known, written)}
        signature = opaque.get(SIGNATURE) if self._quirks.replay else None
        if isinstance(signature, str):
            part[SIGNATURE] = signature
        elif first and self._quirks.signatures:
            part[SIGNATURE] = SENTINEL
        return part

    def _with_id(self, call: ToolCall, written: dict[str, Any]) -> dict[str, Any]:
        """With the id that the model gave, if it gave one."""
        given = (call.opaque or {}).get(ID)
        told = isinstance(given, str) and self._quirks.call_ids
        return written | {"id": given} if told else written

    def _results(self, results: Sequence[ToolResult]) -> list[Content]:
        """The answers to the calls before them: as many, and in the same order."""
        called, self._called = self._called, []
        if len(called) != len(results) or not called:
            return []
        pairs = zip(called, results, strict=True)
        parts = [{"functionResponse": self._result(call, result)} for call, result in pairs]
        contents: list[Content] = [{"role": "user", "parts": parts}]
        if not self._quirks.result_images and (images := self._seen(results)):
            contents.append({"role": "user", "parts": images})
        return contents

    def _result(self, call: ToolCall, result: ToolResult) -> dict[str, Any]:
        images = self._seen([result])
        words = [result.content] if result.content or not result.images else []
        if images and not self._quirks.result_images:
            words.append(ATTACHED)
        if len(images) < len(result.images):
            words.append(UNSEEN)
        said = "output" if result.status == "ok" else "error"
        response = {said: "\n".join(words)}
        written = self._with_id(call, {"name": _name(call.name), "response": response})
        if images and self._quirks.result_images:
            written["parts"] = images
        return written

    def _seen(self, results: Sequence[ToolResult]) -> list[dict[str, Any]]:
        every = [self._image(image) for result in results for image in result.images]
        return [image for image in every if image is not None]


def _of_another(call: ToolCall) -> ToolCall:
    return ToolCall(id=call.id, name=call.name, arguments=call.arguments)


def _name(name: str) -> str:
    """A function's name as Gemini takes it: what a model once made up may be anything."""
    legal = re.sub(r"[^a-zA-Z0-9_.:-]", "_", name)[:64]
    return legal if re.match(r"[a-zA-Z_]", legal) else f"_{legal}"[:64]
