"""The model that answers: a provider, what is known of the model, and how hard it should think."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from msgspec import Struct

from ion_core.providers.base import ModelInfo, Provider
from ion_core.providers.retry import ATTEMPTS


class Choice(Struct, frozen=True, kw_only=True):
    """A resolved ``provider/model[:effort]``; ``attempts`` limits the requests of one step."""

    provider: Provider
    model: ModelInfo
    effort: str = ""
    attempts: int = ATTEMPTS

    @property
    def ref(self) -> str:
        """The choice as people write it."""
        return self.model.ref + (f":{self.effort}" if self.effort else "")


Resolve: TypeAlias = Callable[[str], Awaitable[Choice]]
"""From a written model to a choice; empty means: whatever is configured or found. Raises
``ConfigError`` for a name that means nothing, ``ProviderError`` for one that cannot be reached."""
