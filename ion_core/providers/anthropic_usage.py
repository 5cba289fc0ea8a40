"""Token counts of the Messages API in ion's one form.

The numbers come in two events. Those of the second are totals that correct the first, but for what
it leaves out or null. ``iterations`` are not added up: the top level is what fills the window, and
only a compaction by the server, for which ion does not ask, would cost more than that.
"""

from __future__ import annotations

from typing import Any

from ion_core.usage import Usage


class UsageReport:
    """Collects the usage of one answer."""

    def __init__(self) -> None:
        self._said: dict[str, Any] = {}

    def add(self, raw: object) -> None:
        """Take a ``usage`` object; anything else says nothing."""
        if isinstance(raw, dict):
            self._said |= {name: value for name, value in raw.items() if value is not None}

    @property
    def usage(self) -> Usage | None:
        """The counts so far, None when nobody told any."""
        if _number(self._said.get("input_tokens")) is None and not self._output:
            return None
        return Usage(
            input=_number(self._said.get("input_tokens")) or 0,
            output=self._output,
            cache_read=_number(self._said.get("cache_read_input_tokens")) or 0,
            cache_write=self._written,
            reasoning=_number(_details(self._said, "output_tokens_details").get("thinking_tokens")),
        )

    @property
    def cost_nano(self) -> int | None:
        """What a router says that it charges (``cost``, in US dollars), as nano-dollars."""
        cost = self._said.get("cost")
        if isinstance(cost, bool) or not isinstance(cost, int | float) or cost < 0:
            return None
        return round(cost * 1e9)

    @property
    def _output(self) -> int:
        return _number(self._said.get("output_tokens")) or 0

    @property
    def _written(self) -> int:
        total = _number(self._said.get("cache_creation_input_tokens"))
        if total is not None:
            return total
        parts = _details(self._said, "cache_creation").values()
        return sum(_number(part) or 0 for part in parts)


def _details(raw: dict[str, Any], name: str) -> dict[str, Any]:
    value = raw.get(name)
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return max(0, int(value))
