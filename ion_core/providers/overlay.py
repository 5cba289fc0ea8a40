"""Quirks that a person set for one model, laid over ion's own table."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct

from ion_core.errors import ConfigError
from ion_core.providers.base import ModelInfo

Q = TypeVar("Q", bound=Struct)


def overlaid(quirks: Q, model: ModelInfo) -> Q:
    """``quirks`` with those that a person set for the model. Raises ``ConfigError``."""
    if not model.quirks:
        return quirks
    known = msgspec.structs.asdict(quirks)
    where = f"[providers.{model.provider}.models.{model.id!r}.quirks]"
    for name in model.quirks.keys() - known.keys():
        raise ConfigError(f"{where} {name!r} is none. There are: {', '.join(sorted(known))}.")
    try:
        return msgspec.convert(known | model.quirks, type(quirks))
    except msgspec.ValidationError as error:
        raise ConfigError(f"{where} {error}.") from error
