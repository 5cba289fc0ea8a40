"""Responses: OpenAI's newer protocol, at OpenAI, Azure, ChatGPT's backend, Copilot and compatibles.

Joins what ``openai_responses_wire`` writes with what ``openai_responses_answer`` reads; the servers
differ by their rows in ``openai_responses_quirks.py`` and by the headers here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ion_core.providers.base import ModelInfo, Request, ToolSpec
from ion_core.providers.copilot_headers import copilot_headers
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_responses_quirks import (
    ResponsesQuirks,
    responses_quirks,
    vendor,
)
from ion_core.providers.openai_responses_wire import responses_body
from ion_core.providers.wire import Blobs, Post

if TYPE_CHECKING:
    from ion_core.providers.heal import Lesson
    from ion_core.providers.openai_responses_answer import ResponsesAnswer

_CODEX_MODELS = "models?client_version=1.0.0"
"""ChatGPT's backend lists what a version of its client knows; this one is new enough for all."""
_TOKEN = "eyJ"
"""The beginning of every JWT, which a token of Microsoft's is and a key of Azure's is not."""


class ResponsesWire:
    """``blobs`` gives the bytes of an image; without it, models are told that there was one."""

    @property
    def lessons(self) -> Sequence[Lesson[ResponsesQuirks]]:
        from ion_core.providers.openai_responses_lessons import LESSONS  # start-up: after a refusal

        return LESSONS

    def __init__(self, endpoint: Endpoint, blobs: Blobs | None = None) -> None:
        self._endpoint, self._blobs = endpoint, blobs
        maker = vendor(endpoint.base_url, endpoint.name)[0]
        self._is_azure, self._is_codex = maker == "azure", maker == "chatgpt"
        self.models_path = _CODEX_MODELS if self._is_codex else "models"

    def quirks(self, model: str) -> ResponsesQuirks:
        return responses_quirks(self._endpoint.base_url, model, self._endpoint.name)

    def post(self, request: Request, quirks: ResponsesQuirks, *, stream: bool) -> Post:
        body = responses_body(request, self._endpoint, quirks, stream=stream, blobs=self._blobs)
        headers = copilot_headers(self._endpoint.base_url, request)
        if self._is_codex:
            headers = {"openai-beta": "responses=experimental"}
            headers |= {"session_id": request.cache_key} if request.cache_key else {}
        return Post(path="responses", body=body, headers=headers)

    def reader(self, request: Request, quirks: ResponsesQuirks) -> ResponsesAnswer:
        # Start-up: while the model thinks.
        from ion_core.providers.openai_responses_answer import ResponsesAnswer

        return ResponsesAnswer(sole_texts(request.tools))

    def key_headers(self, key: str) -> dict[str, str]:
        if not key:
            return {}
        if self._is_azure and not key.startswith(_TOKEN):
            return {"api-key": key}
        return {"authorization": f"Bearer {key}"}

    def models(self, body: bytes) -> Sequence[ModelInfo]:
        from ion_core.providers.model_list import read_models  # start-up: only for lists

        return read_models(body, self._endpoint)


def sole_texts(tools: Sequence[ToolSpec]) -> dict[str, str]:
    """The tools that take a single text, and what they call it. Models that were trained on such
    tools as free-form ones at times call them so (``apply_patch``)."""
    found = {}
    for tool in tools:
        properties = tool.schema.get("properties") or {}
        match list(properties.items()):
            case [(str(name), {"type": "string"})]:
                found[tool.name] = name
    return found
