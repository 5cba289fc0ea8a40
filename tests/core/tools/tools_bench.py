"""A workspace on disk with the standard tools, and ways to call them and to watch processes."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ion_core.ids import CallId
from ion_core.messages import Image
from ion_core.tools.base import Outcome, ToolContext
from ion_core.tools.paths import Workspace
from ion_core.tools.schema import validate
from ion_core.tools.seen import Seen
from ion_core.tools.toolbox import Toolbox


@dataclass
class Bench:
    """A workspace with the standard tools; ``shown`` is the progress of every call so far."""

    root: Path
    spill: Path
    toolbox: Toolbox
    shown: list[str] = field(default_factory=list)
    seen: Seen = field(default_factory=Seen)
    pictures: list[bytes] = field(default_factory=list)

    @property
    def context(self) -> ToolContext:
        return ToolContext(
            call=CallId("call-1"),
            workspace=Workspace(self.root),
            progress=self._show,
            spill=self.spill,
            seen=self.seen,
            picture=self._picture,
        )

    def _picture(self, data: bytes) -> Image:
        self.pictures.append(data)
        return Image(media_type="image/png", sha256=str(len(self.pictures)))

    async def call(self, name: str, **arguments: Any) -> Outcome:
        tool = self.toolbox.find(name)
        assert tool is not None
        return await tool.run(validate(name, tool.args, arguments), self.context)

    async def _show(self, text: str) -> None:
        self.shown.append(text)

    def put(self, path: str, content: str | bytes) -> Path:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return file


Call = Callable[..., Awaitable[Outcome]]


def alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


async def until(condition: Callable[[], object]) -> None:
    """Wait for what another process does; at most ten seconds."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 (it cannot tell us)
            await asyncio.sleep(0.01)


async def gone(*pids: int) -> None:
    """Wait until none of the processes runs."""
    await until(lambda: not any(alive(pid) for pid in pids))
