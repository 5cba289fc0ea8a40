"""Anthropic's Messages API: at Anthropic, on Google's and Amazon's clouds, and at compatibles.

Joins what ``anthropic_wire`` writes with what ``anthropic_answer`` reads. Models and hosts differ
by their rows in ``anthropic_quirks.py``; where an address ends decides the path, so that a base URL
may be given with its ``/v1`` or without.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ion_core.errors import Unauthorised
from ion_core.providers.anthropic_quirks import AnthropicQuirks, host_for, quirks_for
from ion_core.providers.anthropic_wire import messages_body
from ion_core.providers.auth.terms import NO_CLAUDE_PLAN, PLAN_TOKEN
from ion_core.providers.base import ModelInfo, Request
from ion_core.providers.copilot_headers import copilot_headers, is_copilot
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.wire import Blobs, Post

if TYPE_CHECKING:
    from ion_core.providers.anthropic_answer import AnthropicAnswer
    from ion_core.providers.heal import Lesson

VERSION = {"anthropic-version": "2023-06-01"}
VERTEX_VERSION = {"anthropic_version": "vertex-2023-10-16"}
BETA = "anthropic-beta"
INTERLEAVED = "interleaved-thinking-2025-05-14"
"""Thinking between calls, for models with a budget; the others do it anyway."""
BINDING = "thinking-binding-controls-2026-08-01"
"""What a request has to name to have thoughts dropped that belong elsewhere."""
VERTEX = "/publishers/anthropic"
"""How the base URL ends of the Claudes on Vertex AI, where a model is part of the path."""


class AnthropicWire:
    """``blobs`` gives the bytes of an image; without it, models are told that there was one."""

    @property
    def lessons(self) -> Sequence[Lesson[AnthropicQuirks]]:
        from ion_core.providers.anthropic_lessons import LESSONS  # start-up: after a refusal

        return LESSONS

    def __init__(self, endpoint: Endpoint, blobs: Blobs | None = None) -> None:
        self._endpoint, self._blobs = endpoint, blobs
        base_url = endpoint.base_url
        self._bearer = host_for(base_url).bearer or is_copilot(base_url)
        self._vertex = base_url.endswith(VERTEX)
        listed = "models" if is_copilot(base_url) else _path(endpoint, "models?limit=1000")
        self.models_path = "" if self._vertex else listed

    def quirks(self, model: str) -> AnthropicQuirks:
        return quirks_for(self._endpoint.base_url, model)

    def post(self, request: Request, quirks: AnthropicQuirks, *, stream: bool) -> Post:
        body = messages_body(request, self._endpoint, quirks, stream=stream, blobs=self._blobs)
        headers = copilot_headers(self._endpoint.base_url, request) | _betas(body, quirks)
        if not self._vertex:
            return Post(path=_path(self._endpoint, "messages"), body=body, headers=headers)
        method = "streamRawPredict" if stream else "rawPredict"
        named = VERTEX_VERSION | {name: body[name] for name in body if name != "model"}
        return Post(path=f"models/{request.model}:{method}", body=named, headers=headers)

    def reader(self, request: Request, quirks: AnthropicQuirks) -> AnthropicAnswer:
        # Start-up: while the model thinks.
        from ion_core.providers.anthropic_answer import AnthropicAnswer

        return AnthropicAnswer()

    def key_headers(self, key: str) -> dict[str, str]:
        """Raises ``Unauthorised`` for the token of a Claude plan, which is sent nowhere."""
        if key.startswith(PLAN_TOKEN):
            raise Unauthorised(NO_CLAUDE_PLAN)
        if not key:
            return VERSION
        own = {"authorization": f"Bearer {key}"} if self._bearer else {"x-api-key": key}
        return VERSION | own

    def models(self, body: bytes) -> Sequence[ModelInfo]:
        from ion_core.providers.model_list import read_models  # start-up: only for lists

        return read_models(body, self._endpoint)


def _betas(body: dict[str, Any], quirks: AnthropicQuirks) -> dict[str, str]:
    """None, but for what the thinking that is asked for needs."""
    thinking = body.get("thinking") or {}
    if thinking.get("type") == "enabled" and quirks.interleaved:
        return {BETA: INTERLEAVED}
    return {BETA: BINDING} if "block_binding" in thinking else {}


def _path(endpoint: Endpoint, last: str) -> str:
    """The path below the base URL, which may be the API's root, its version, or (as Amazon's
    documentation has it) the whole address."""
    base = endpoint.base_url
    if base.endswith("/v1/messages"):
        return f"{base.removesuffix('messages')}{last}"
    return last if base.endswith("/v1") else f"v1/{last}"
