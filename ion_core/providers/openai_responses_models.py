"""The models that ChatGPT's backend lists, in a form of its own.

``{"models": [{"slug", "display_name", "context_window", "supported_reasoning_levels", …}]}``, as
OpenAI's own open-source client reads it (codex-rs, ``openai_models.rs``, 2026).
"""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from ion_core.errors import BadRequest
from ion_core.providers.base import ModelInfo
from ion_core.providers.endpoint import Endpoint

CODEX_PATH = "models?client_version=1.0.0"
"""The list has only models for clients from a version on; this one is new enough for all."""


def read_codex_models(body: bytes, endpoint: Endpoint) -> list[ModelInfo]:
    """The models that people may choose, in the server's order. What is known of one from settings
    wins. Raises ``BadRequest`` for anything that is not such a list."""
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError:
        value = None
    rows = value.get("models") if isinstance(value, dict) else None
    if not isinstance(rows, list):
        raise BadRequest(f"{endpoint.name} did not answer with a list of models.")
    shown = [row for row in rows if isinstance(row, dict) and row.get("visibility") != "hide"]
    return [_model(row, endpoint) for row in shown if isinstance(row.get("slug"), str)]


def _model(row: dict[str, Any], endpoint: Endpoint) -> ModelInfo:
    known, window = endpoint.model(row["slug"]), row.get("context_window")
    efforts = tuple(
        level["effort"]
        for level in row.get("supported_reasoning_levels") or ()
        if isinstance(level, dict) and isinstance(level.get("effort"), str)
    )
    images = "image" in (row.get("input_modalities") or ("text", "image"))
    return replace(
        known,
        name=known.name or str(row.get("display_name") or ""),
        window=known.window or (window if isinstance(window, int) else 0),
        efforts=known.efforts or efforts,
        reasoning=known.reasoning or bool(efforts),
        vision=known.vision or images,
    )
