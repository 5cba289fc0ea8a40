"""The answer to Gemini's ``GET /models``."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from ion_core.errors import BadRequest
from ion_core.providers.base import ModelInfo
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.wire_json import decoded

_METHOD = "generateContent"


def google_models(body: bytes, endpoint: Endpoint) -> list[ModelInfo]:
    """Those of the list that answer with text, in its order, without ``models/`` in front. What
    settings and catalogue know of one wins. Raises ``BadRequest`` for what is no such list."""
    try:
        value = decoded(body)
    except msgspec.DecodeError as error:
        raise BadRequest(f"{endpoint.name} did not answer with a list of models.") from error
    rows = value.get("models") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        raise BadRequest(f"{endpoint.name} did not answer with a list of models.")
    return [_model(row, endpoint) for row in rows if _talks(row)]


def _talks(row: object) -> bool:
    """Whether it is a model for conversations; a list that names no methods is believed."""
    if not isinstance(row, dict) or not isinstance(row.get("name"), str):
        return False
    methods = row.get("supportedGenerationMethods")
    return not isinstance(methods, list) or _METHOD in methods


def _model(row: dict[str, Any], endpoint: Endpoint) -> ModelInfo:
    known = endpoint.model(row["name"].rpartition("/")[2])
    return replace(
        known,
        name=known.name or str(row.get("displayName") or ""),
        window=known.window or _count(row.get("inputTokenLimit")),
        max_output=known.max_output or _count(row.get("outputTokenLimit")),
        reasoning=known.reasoning or row.get("thinking") is True,
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
