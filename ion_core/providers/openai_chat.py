"""Chat completions: OpenAI's protocol, and that of everybody compatible with it.

Joins what ``openai_chat_wire`` writes with what ``openai_chat_answer`` reads; the vendors differ by
their rows in ``vendors.py`` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ion_core.providers.base import ModelInfo, Request
from ion_core.providers.copilot_headers import copilot_headers
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_chat_wire import chat_body, chat_headers
from ion_core.providers.quirks import Quirks
from ion_core.providers.vendors import quirks_for
from ion_core.providers.wire import Blobs, Post

if TYPE_CHECKING:
    from ion_core.providers.heal import Lesson
    from ion_core.providers.openai_chat_answer import ChatAnswer


class ChatWire:
    """``blobs`` gives the bytes of an image; without it, models are told that there was one."""

    models_path = "models"

    def __init__(self, endpoint: Endpoint, blobs: Blobs | None = None) -> None:
        self._endpoint, self._blobs = endpoint, blobs

    @property
    def lessons(self) -> Sequence[Lesson[Quirks]]:
        from ion_core.providers.openai_chat_lessons import LESSONS  # start-up: after a refusal

        return LESSONS

    def quirks(self, model: str) -> Quirks:
        return quirks_for(self._endpoint.base_url, model, self._endpoint.name)

    def post(self, request: Request, quirks: Quirks, *, stream: bool) -> Post:
        body = chat_body(request, self._endpoint, quirks, stream=stream, blobs=self._blobs)
        headers = chat_headers(request, quirks)
        headers = headers | copilot_headers(self._endpoint.base_url, request)
        return Post(path="chat/completions", body=body, headers=headers)

    def reader(self, request: Request, quirks: Quirks) -> ChatAnswer:
        # Start-up: while the model thinks.
        from ion_core.providers.openai_chat_answer import ChatAnswer

        return ChatAnswer(think_tags=quirks.think_tags)

    def key_headers(self, key: str) -> dict[str, str]:
        return {"authorization": f"Bearer {key}"} if key else {}

    def models(self, body: bytes) -> Sequence[ModelInfo]:
        from ion_core.providers.model_list import read_models  # start-up: only for lists

        return read_models(body, self._endpoint)
