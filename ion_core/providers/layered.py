"""What two sources know of one model, as one."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from ion_core.providers.base import ModelInfo

_UNSAID: dict[str, Any] = {
    field.name: field.default for field in msgspec.structs.fields(ModelInfo) if not field.required
}


def layered(strong: ModelInfo, weak: ModelInfo) -> ModelInfo:
    """``strong`` with what it leaves unsaid from ``weak``: 0, an empty text, False and the usual
    way of calling tools say nothing."""
    told = {
        name: value
        for name, value in ((each, getattr(weak, each)) for each in _UNSAID)
        if getattr(strong, name) == _UNSAID[name]
    }
    return replace(strong, **told)
