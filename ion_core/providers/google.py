"""Gemini's ``generateContent``: Google AI Studio, Vertex AI, and gateways that speak it.

Joins what ``google_wire`` writes with what ``google_answer`` reads. Vertex differs from AI Studio
in its addresses and in where the key goes; the models differ by their rows in ``google_quirks``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from ion_core.providers.base import ModelInfo, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.google_quirks import GoogleQuirks, google_quirks
from ion_core.providers.google_wire import google_body
from ion_core.providers.vertex import is_vertex
from ion_core.providers.wire import Blobs, Post

if TYPE_CHECKING:
    from ion_core.providers.google_answer import GoogleAnswer
    from ion_core.providers.heal import Lesson

_FOLDERS = ("models/", "tunedModels/")
_KEYS = ("AIza", "AQ.")
"""How API keys begin; anything else that Vertex AI takes is an access token."""


class GoogleWire:
    """``blobs`` gives the bytes of an image; without it, models are told that there was one."""

    @property
    def lessons(self) -> Sequence[Lesson[GoogleQuirks]]:
        from ion_core.providers.google_lessons import LESSONS  # start-up: after a refusal

        return LESSONS

    def __init__(self, endpoint: Endpoint, blobs: Blobs | None = None) -> None:
        self._endpoint, self._blobs = endpoint, blobs
        self._root = _root(endpoint.base_url)

    @property
    def models_path(self) -> str:
        """Vertex AI lists no models of a project."""
        vertex = is_vertex(self._endpoint.base_url)
        return "" if vertex else f"{self._root}models?pageSize=1000"

    def quirks(self, model: str) -> GoogleQuirks:
        return google_quirks(model)

    def post(self, request: Request, quirks: GoogleQuirks, *, stream: bool) -> Post:
        folder = "" if request.model.startswith(_FOLDERS) else "models/"
        model = quote(f"{folder}{request.model}", safe="/@")
        verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
        body = google_body(request, self._endpoint, quirks, self._blobs)
        return Post(path=f"{self._root}{model}:{verb}", body=body)

    def reader(self, request: Request, quirks: GoogleQuirks) -> GoogleAnswer:
        # Start-up: while the model thinks.
        from ion_core.providers.google_answer import GoogleAnswer

        return GoogleAnswer()

    def key_headers(self, key: str) -> dict[str, str]:
        if not key:
            return {}
        token = key.startswith("ya29.") or (
            "/projects/" in self._endpoint.base_url and not key.startswith(_KEYS)
        )
        return {"authorization": f"Bearer {key}"} if token else {"x-goog-api-key": key}

    def models(self, body: bytes) -> Sequence[ModelInfo]:
        from ion_core.providers.google_models import google_models  # start-up: only for lists

        return google_models(body, self._endpoint)


def _root(base_url: str) -> str:
    """What is missing between an address and ``models/``: a version, or a publisher."""
    path = urlsplit(base_url).path.strip("/")
    if is_vertex(base_url):
        missing = "" if "publishers/" in path else "publishers/google/"
        return missing if path else f"v1/{missing}"
    return "" if path else "v1beta/"
