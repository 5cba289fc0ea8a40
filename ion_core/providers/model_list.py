"""The answer to ``GET /models``, in the several forms that servers give it."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from ion_core.errors import BadRequest
from ion_core.providers.base import ModelInfo
from ion_core.providers.endpoint import Endpoint

WINDOWS = (
    "context_length",
    "context_window",
    "max_model_len",
    "max_context_length",
    "loaded_context_length",
)
"""OpenRouter and Together · Groq · vLLM · Mistral and LM Studio."""


def read_models(body: bytes, endpoint: Endpoint) -> list[ModelInfo]:
    """The models of a list, in its order. What settings know of one wins over what the server says.

    Raises ``BadRequest`` for anything that is not such a list.
    """
    try:
        value = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise BadRequest(f"{endpoint.name} did not answer with a list of models.") from error
    rows = value.get("data") if isinstance(value, dict) else value
    if not isinstance(rows, list):
        raise BadRequest(f"{endpoint.name} did not answer with a list of models.")
    return [_model(row, endpoint) for row in rows if isinstance(row, dict) and row.get("id")]


def _model(row: dict[str, Any], endpoint: Endpoint) -> ModelInfo:
    known = endpoint.model(str(row["id"]))
    return known if known.window else replace(known, window=_window(row))


def _window(row: dict[str, Any]) -> int:
    meta = row.get("meta")
    # llama.cpp keeps it with the facts of the weights.
    found = [row.get(name) for name in WINDOWS]
    found += [meta.get("n_ctx"), meta.get("n_ctx_train")] if isinstance(meta, dict) else []
    return next((value for value in found if isinstance(value, int) and value > 0), 0)
