"""The ``bash`` tool in a cell."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from sandbox_cell import Cell

from ion_core.ids import CallId
from ion_core.tools.base import Outcome, ToolContext
from ion_core.tools.bash import Bash, BashArgs
from ion_core.tools.paths import Workspace


async def outcome_of(
    cell: Cell, command: str, profile: Literal["read", "write"] = "write"
) -> Outcome:
    """What the tool says of a command."""

    async def ignore(text: str) -> None:
        pass

    ctx = ToolContext(
        call=CallId("call-1"),
        workspace=Workspace(root=cell.root),
        progress=ignore,
        spill=Path(cell.own) / "cache" / "spill" / "call-1.txt",
        profile=profile,
    )
    return await Bash(cell.launcher).run(BashArgs(command=command), ctx)
