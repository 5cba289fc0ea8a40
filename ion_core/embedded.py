"""The embedded model, as one of the providers: ``local``.

Its server is started when a request needs it and stopped with ion; most runs import nothing of it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.providers.base import ModelInfo
from ion_core.providers.endpoint import Endpoint

if TYPE_CHECKING:
    from ion_core.local.install import Progress
    from ion_core.local.server import LocalServer

LOCAL = "local"
ANSWER = 2_048
"""Tokens of one answer of the embedded model: at 10 a second, more is a model that lost its way."""


class Embedded:
    """``home`` is where it is installed."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._server: LocalServer | None = None

    def installed(self) -> bool:
        """Whether it can be started."""
        return self.server.installed()

    @property
    def info(self) -> ModelInfo:
        """The model."""
        from ion_core.local.server import CONTEXT  # start-up: most runs never need it

        return ModelInfo(
            provider=LOCAL,
            id=self.server.model,
            window=CONTEXT,
            max_output=ANSWER,
            tool_mode="constrained",
        )

    async def started(self, endpoint: Endpoint) -> Endpoint:
        """The endpoint with the address of its server, which runs when this returns."""
        base_url = await self.server.start()
        return replace(endpoint, base_url=base_url, models={self.info.id: self.info})

    async def install(self, progress: Progress) -> None:
        """Fetch it (1.2 GB), going on where an earlier try ended; ``progress`` is called from
        another thread. Raises ``ProviderError`` with a sentence."""
        from ion_core.local.install import Installation  # start-up: once in a lifetime
        from ion_core.local.place import Place

        await asyncio.to_thread(Installation(Place(self._home), progress).run)

    async def aclose(self) -> None:
        """Stop the server, if it runs."""
        if self._server is not None:
            await self._server.aclose()

    @property
    def server(self) -> LocalServer:
        """The server; made, but not started, when it is first asked for."""
        if self._server is None:
            from ion_core.local.server import LocalServer  # start-up: as above

            self._server = LocalServer(self._home)
        return self._server
