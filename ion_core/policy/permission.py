"""Whether a call of a tool may run: what dispatch asks before each.

The person's rules are asked first, then the mode. In READ and PLAN a shell command runs when it is
proved harmless and a sandbox holds it, since a proof may err. What a rule asks about is refused as
long as nobody can be asked during a turn.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ion_core.config.schema import PermissionRule
from ion_core.entries import Mode
from ion_core.policy.modes import refusal
from ion_core.tools.base import Tool
from ion_core.tools.paths import Workspace
from ion_core.tools.web import Destination, UrlRefused

if TYPE_CHECKING:
    from ion_core.policy.base import Judgement
    from ion_core.policy.policy import Policy

SHELL: Final = "bash"
WEB: Final = "web_fetch"


class Permission:
    """``rules`` are the person's as they are now, ``home`` the person's folder; ``is_held`` says
    whether commands run in a sandbox."""

    def __init__(
        self,
        rules: Callable[[], Sequence[PermissionRule]],
        home: Path,
        is_held: Callable[[], Awaitable[bool]],
    ) -> None:
        self._rules, self._home, self._is_held = rules, home, is_held

    async def refusal(self, tool: Tool, args: Any, mode: Mode, workspace: Workspace) -> str | None:
        """The sentence that refuses a call, or None when it may run."""
        if tool.name == SHELL and (mode != "write" or self._rules()):
            return await self._shell(tool, args, mode, workspace)
        by_mode = refusal(mode, tool.name, tool.effect)
        if by_mode is None and self._rules():
            target = tool.target(args)
            return _said(self._policy(workspace).target(tool.name, target))
        return by_mode

    def destination(self, url: str) -> Destination:
        """Where a URL leads that may be fetched. Blocking. Raises ``UrlRefused``."""
        from ion_core.policy import urls  # start-up: few sessions fetch anything
        from ion_core.policy.rules import Rules

        try:
            target = urls.target_of(url)
        except urls.UrlRefused as error:
            raise UrlRefused(str(error)) from error
        doubt = Rules(tuple(self._rules())).objection((WEB,), (url,)) or urls.too_long(url)
        if doubt is not None:
            raise UrlRefused((_said(doubt) or "").removeprefix("Refused: "))
        return Destination(**target._asdict())

    def environment(self, tool: Tool, mode: Mode) -> Mapping[str, str]:
        """The variables that what is allowed was proved with."""
        if tool.name != SHELL or mode == "write":
            return {}
        from ion_core.policy.shell.programs import LOOKING  # start-up: READ alone needs it

        return LOOKING

    async def _shell(self, tool: Tool, args: Any, mode: Mode, workspace: Workspace) -> str | None:
        command, cwd = tool.target(args), getattr(args, "cwd", ".")
        answer = self._policy(workspace).command(command, mode, cwd)
        if answer.decision == "allow":
            return None if mode == "write" or await self._is_held() else UNHELD
        if answer.decision == "deny" or mode == "write":
            return _said(answer)
        by_mode = refusal(mode, tool.name, tool.effect) or ""
        return f"{by_mode} Commands that are proved to only look do run. {answer.reason}"

    def _policy(self, workspace: Workspace) -> Policy:
        from ion_core.policy.policy import Policy  # start-up: READ and rules alone need it
        from ion_core.policy.rules import Rules

        return Policy(workspace, self._home, Rules(tuple(self._rules())))


UNHELD: Final = (
    "Refused: in READ mode commands run inside a sandbox alone, and there is none here or it is "
    "off (ion sandbox status says why). Use read, grep, glob and list."
)


def _said(answer: Judgement | None) -> str | None:
    if answer is None or answer.decision == "allow":
        return None
    asks = " Nobody can be asked now." if answer.decision == "ask" else ""
    return f"Refused: {answer.reason}{asks}"
