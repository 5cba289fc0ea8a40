"""Why a request did not find in the provider's cache what the one before it left there.

A cache hit needs the same bytes up to where the last request ended, soon enough, at the same
model. The watch remembers that one request and compares. It is silent about providers that never
speak of their cache.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from ion_core.context.cache_rules import rule_for
from ion_core.messages import Origin
from ion_core.providers.base import Request
from ion_core.usage import Usage

TELLING = frozenset({"anthropic", "openai", "google"})
"""Built-in providers that report reads from their cache even when there are none."""


class Asked(Struct, frozen=True, kw_only=True):
    """A request that was answered. ``at`` is when it was sent, in seconds since the epoch."""

    request: Request
    origin: Origin
    at: float
    usage: Usage

    @property
    def left(self) -> int:
        """Tokens that it left in the cache: what it says itself, else its whole prompt."""
        says = self.origin.protocol == "anthropic-messages" or self.usage.cache_write > 0
        return self.usage.cache_read + self.usage.cache_write if says else self.usage.prompt


class CacheWatch:
    """Watches the requests of one session, in order."""

    def __init__(self) -> None:
        self._last: Asked | None = None
        self._telling: set[tuple[str, str]] = set()

    def judge(self, request: Request, origin: Origin, at: float, usage: Usage | None) -> str:
        """The cause of a miss in a few words; "" after a hit and where nothing is known.

        To be called once for each answered request; ``at`` is when it was sent, in seconds since
        the epoch. A miss is a read of less than half of what the last request left.
        """
        last = self._last
        if usage is None:
            if last is not None and last.origin == origin:
                self._last = replace(last, at=at)
            return ""
        self._last = asked = Asked(request=request, origin=origin, at=at, usage=usage)
        if usage.cache_read or usage.cache_write:
            self._telling.add((origin.provider, origin.base_url))
        return _cause(last, asked) if last is not None and self._tells(origin) else ""

    def _tells(self, origin: Origin) -> bool:
        return origin.provider in TELLING or (origin.provider, origin.base_url) in self._telling


def _cause(last: Asked, now: Asked) -> str:
    if last.usage.prompt == 0 or now.usage.cache_read * 2 >= max(1, last.left):
        return ""
    if now.origin != last.origin:
        return "model switched"
    rule = rule_for(now.origin.model)
    if last.usage.prompt < rule.minimum:
        return f"below the minimum of {rule.minimum:,} tokens" if not now.usage.cache_read else ""
    if last.left == 0:
        return ""
    return _changed(last.request, now.request) or _expired(last, now)


def _changed(last: Request, now: Request) -> str:
    """What of the bytes that both share is not the same, outermost first."""
    if now.tools != last.tools:
        return "tools changed"
    if now.system != last.system:
        return "instructions changed"
    if now.effort != last.effort:
        return "effort changed"
    if now.messages[: len(last.messages)] != last.messages:
        return "history rewritten"
    return ""


def _expired(last: Asked, now: Asked) -> str:
    rule, idle_s = rule_for(now.origin.model), now.at - last.at
    if idle_s <= rule.ttl_s:
        return "not kept by the provider"
    word = "expired" if rule.promised else "probably expired"
    return f"{word}: {_span(idle_s)} since the last request"


def _span(seconds: float) -> str:
    for name, size in (("days", 86_400), ("h", 3_600)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{seconds / 60:.0f} min"
