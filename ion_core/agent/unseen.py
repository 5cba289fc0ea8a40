"""Pictures that nobody will see: a model that is not known to see any is given none."""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.entries import Entry
from ion_core.messages import Image, Message
from ion_core.providers.base import ModelInfo


def unseen(entries: Sequence[Entry], model: ModelInfo) -> str:
    """What a person should know of the pictures of the last message; empty when all is well."""
    asked = entries[-1].body if entries else None
    parts = asked.parts if isinstance(asked, Message) else ()
    if model.vision or not any(isinstance(part, Image) for part in parts):
        return ""
    return (
        f"{model.ref} is not known to see pictures, so it gets none. If it can, say "
        "`vision = true` under it in the settings."
    )
