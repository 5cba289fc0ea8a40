"""The one file that may be written in PLAN mode.

The first plan that a session writes in PLAN is its plan, until WRITE mode comes. In WRITE any plan
may be kept up to date.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ion_core.entries import Mode
from ion_core.tools.base import Tool
from ion_core.tools.paths import PathRefused, Workspace
from ion_core.tools.plan_file import FOLDER, plan_path

WRITERS: Final = frozenset({"write", "edit", "apply_patch"})


class PlanFile:
    """Which plan one session may write."""

    def __init__(self) -> None:
        self._own: Path | None = None

    def opened(self, tool: Tool, args: Any, mode: Mode, workspace: Workspace) -> Path | None:
        """The plan that this call writes and may write; None for any other call."""
        if mode == "write":
            self._own = None
        if mode == "read" or tool.name not in WRITERS:
            return None
        try:
            path = plan_path(workspace, tool.target(args))
        except PathRefused:
            return None
        if mode == "plan":
            self._own = self._own or path
        return path if mode == "write" or path == self._own else None

    def only(self, workspace: Workspace) -> str:
        """What may be written in PLAN, in words that follow "only"."""
        if self._own is not None:
            return f"the plan of this session, {workspace.shown(self._own)}"
        return f"a plan, {FOLDER}/<name>.md"
