"""Tools that few sessions use: no more than their names is there until somebody wants one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

from msgspec import Struct

from ion_core.tools.base import Effect, Outcome, Tool, ToolContext


class Deferred:
    """A ``Tool`` that ``load`` makes, its modules with it, at the first question about it."""

    name: str
    description: str
    args: type[Struct]
    effect: Effect

    def __init__(self, name: str, load: Callable[[], Tool]) -> None:
        self.name, self._load = name, load

    @cached_property
    def _tool(self) -> Tool:
        return self._load()

    def __getattr__(self, attribute: str) -> Any:
        """What is declared above and not there yet."""
        if attribute.startswith("_"):
            raise AttributeError(attribute)
        return getattr(self._tool, attribute)

    def target(self, args: Any) -> str:
        """What the call touches."""
        return self._tool.target(args)

    def timeout_s(self, args: Any) -> float:
        """Seconds after which dispatch cancels the call."""
        return self._tool.timeout_s(args)

    async def run(self, args: Any, ctx: ToolContext) -> Outcome:
        """What the tool itself does."""
        return await self._tool.run(args, ctx)
