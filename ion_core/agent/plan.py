"""What each call of an answer means: which tool, which arguments, which file, or why it cannot run.

Names and arguments are taken as models make them and mended only where the meaning is certain;
anything else is answered with a sentence that the model can act on.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ion_core.messages import ToolCall
from ion_core.tools.aliases import translated
from ion_core.tools.base import Effect, Tool
from ion_core.tools.guests import Foreign
from ion_core.tools.paths import Operation, PathRefused, Workspace
from ion_core.tools.schema import BadArguments, ignored, validate
from ion_core.tools.toolbox import Toolbox

_OPERATIONS: dict[Effect, tuple[Operation, ...]] = {"write": ("write",), "read": ("read", "list")}
"""As what a path may be resolved, to know which calls touch the same file."""


_EXAMPLE = {"path": "src/app.py"}


class Planned(Struct, frozen=True, kw_only=True):
    """A call as it will run; ``problem`` is why it will not, ``note`` what is said with its
    result."""

    call: ToolCall
    tool: Tool | None = None
    args: Any = None
    touches: Path | None = None
    problem: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        """The tool's own name, or what the model called it when there is none."""
        return self.tool.name if self.tool else self.call.name

    @property
    def effect(self) -> Effect:
        return "read" if self.tool is None or self.problem else self.tool.effect

    @property
    def target(self) -> str:
        return self.tool.target(self.args) if self.tool is not None and not self.problem else ""


class Planner:
    """Plans the calls of one session."""

    def __init__(self, toolbox: Toolbox, workspace: Workspace) -> None:
        self._toolbox, self._workspace = toolbox, workspace

    def plan(self, call: ToolCall) -> Planned:
        """The call as it will run. Nothing is done."""
        if call.malformed is not None:
            from ion_core.agent.mend import mended  # start-up: few calls are broken

            arguments = mended(call.malformed)
            if arguments is None:
                return Planned(call=call, problem=self._malformed(call.name, call.malformed))
            call = replace(call, arguments=arguments, malformed=None)
        name, meant = translated(call.name, call.arguments)
        tool = self._toolbox.find(name)
        if tool is None:
            return Planned(call=call, problem=self._toolbox.unknown(call.name))
        try:
            args = self._fitted(tool, meant)
        except BadArguments as problem:
            return Planned(call=call, tool=tool, problem=str(problem))
        if isinstance(args, Foreign):
            return Planned(call=call, tool=tool, args=args)
        touches, note = self._touches(tool, args), ignored(tool.args, meant)
        return Planned(call=call, tool=tool, args=args, touches=touches, note=note)

    def _fitted(self, tool: Tool, meant: Mapping[str, Any]) -> Struct:
        if tool.args is not Foreign:
            return validate(tool.name, tool.args, meant)
        from ion_core.tools.foreign import fitted  # start-up: with the first call of a server's

        return fitted(tool.name, getattr(tool, "schema", {}), meant)

    def _malformed(self, name: str, text: str) -> str:
        from ion_core.agent.mend import is_cut_off  # start-up: as above

        if is_cut_off(text):
            return (
                f"Not run: the arguments of {name} were cut off after {len(text):,} characters. "
                "Nothing was done. Make the call again, whole; split it where it is long: write a "
                "skeleton first, then add to it with edits."
            )
        tool = self._toolbox.find(name)
        example = getattr(tool.args, "example", None) if tool else None
        return (
            f"Not run: the arguments of {name} were not a JSON object. They began: {text[:200]!r}. "
            f"Send one JSON object, for example {json.dumps(example or _EXAMPLE)}."
        )

    def _touches(self, tool: Tool, args: Struct) -> Path | None:
        """The real path that a call names; None for one that may not name it."""
        path = getattr(args, "path", None) or "."
        for operation in _OPERATIONS.get(tool.effect, ()):
            with suppress(PathRefused):
                return self._workspace.resolve(path, operation)
        return None
