"""The answer to ``GET /models``, in the several forms that servers give it.

What a server says of a model is believed over the catalogue, and settings over both. Models that
are not for conversations are left out.
"""

from __future__ import annotations

from typing import Any

import msgspec

from ion_core.errors import BadRequest
from ion_core.providers.base import ModelInfo
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.wire_json import decoded


def read_models(body: bytes, endpoint: Endpoint) -> list[ModelInfo]:
    """The models of a list, in its order. What the endpoint knows of one wins over what the server
    says.

    Raises ``BadRequest`` for anything that is not such a list.
    """
    # Start-up: a run imports this module with its protocol, and lists no models.
    from ion_core.providers.catalogue.chat import is_chat
    from ion_core.providers.layered import layered
    from ion_core.providers.model_row import Row

    rows = [Row(row) for row in _rows(body, endpoint.name) if isinstance(row, dict)]
    chosen = [row for row in rows if row.id and row.converses and is_chat(row.id)]
    return [layered(endpoint.model(row.id), row.info(endpoint.name)) for row in chosen]


def _rows(body: bytes, name: str) -> list[Any]:
    """``data`` of an object (OpenAI and most others), ``models`` (Google, ChatGPT), or a bare list
    (Together)."""
    try:
        value = decoded(body)
    except msgspec.DecodeError as error:
        raise BadRequest(f"{name} did not answer with a list of models.") from error
    if isinstance(value, dict):
        value = value.get("data", value.get("models"))
    if not isinstance(value, list):
        raise BadRequest(f"{name} did not answer with a list of models.")
    return value
