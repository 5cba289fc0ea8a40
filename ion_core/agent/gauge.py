"""What is foretold of a session's requests, and what their answers teach.

Before a request: about how large it is. After its answer: whether the provider's cache had what
the request before it left there, and if not, why.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ion_core.context.tokens import Estimate, Tokens
from ion_core.entries import Entry
from ion_core.ids import Clock
from ion_core.messages import Origin
from ion_core.providers.base import ModelInfo, Request
from ion_core.usage import Usage

if TYPE_CHECKING:
    from ion_core.context.cache_watch import CacheWatch

PATIENCE_S = 0.05
"""A process that counts already needs some 3 ms for 20,000 characters; one that starts is not
waited for."""


class Gauge:
    """The gauge of one session; ``tokens`` is shared by all of them."""

    def __init__(self, tokens: Tokens, clock: Clock = time.time) -> None:
        self._tokens, self._clock = tokens, clock
        self._watch: CacheWatch | None = None
        self._estimate: Estimate | None = None
        self._asked_at = 0.0

    async def foretell(self, request: Request, entries: Sequence[Entry], model: ModelInfo) -> int:
        """About how many tokens ``request``, made of ``entries``, has. It is sent now: counting
        what is large may hold it up for ``PATIENCE_S`` and no longer."""
        self._estimate = await self._tokens.refined(
            entries,
            system=request.system,
            tools=request.tools,
            provider=model.provider,
            model=model.id,
            patience_s=PATIENCE_S,
        )
        self._asked_at = self._clock()
        return self._estimate.tokens

    def learn(self, request: Request, origin: Origin | None, usage: Usage | None) -> str:
        """The request that was foretold is answered; why its cache was missed, "" if it was not."""
        if self._estimate is not None:
            self._tokens.learn(self._estimate, usage)
        if origin is None:
            return ""
        if self._watch is None:
            from ion_core.context.cache_watch import CacheWatch  # start-up: after an answer

            self._watch = CacheWatch()
        return self._watch.judge(request, origin, self._asked_at, usage)
