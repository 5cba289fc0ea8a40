"""Whether a call of a tool may run: what is ruled before each.

The person's rules come first, then the mode. In READ and PLAN a shell command runs when it is
proved harmless and a sandbox holds it, since a proof may err; one that is not proved may be allowed
by the person and then runs once as WRITE would run it. Where no sandbox is to be had, WRITE asks
about each command.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ion_core.asking import Proposal
from ion_core.config.schema import PermissionRule
from ion_core.entries import Mode
from ion_core.policy.base import Decision, Judgement
from ion_core.policy.modes import refusal
from ion_core.tools.base import Tool
from ion_core.tools.guests import is_foreign
from ion_core.tools.paths import Workspace
from ion_core.tools.sieve import Hides
from ion_core.tools.web import Destination, UrlRefused

if TYPE_CHECKING:
    from ion_core.policy.plan_file import PlanFile
    from ion_core.policy.policy import Policy

SHELL: Final = "bash"
JOB: Final = "job"
SEARCHES: Final = frozenset({"grep", "glob", "list"})
WEB: Final = "web_fetch"

Protection: TypeAlias = Literal["held", "unheld", "off"]
"""Of commands that start now: a sandbox holds them; there is none to be had (and it was not turned
off); the person turned it off, or it is required, so that nothing starts without."""

Remember: TypeAlias = Callable[[Proposal], Awaitable[None]]
"""Keeps a rule that allows for good. Raises ``ConfigError``."""


class Ruling(Struct, frozen=True, kw_only=True):
    """What becomes of a call. ``reason`` is a sentence, ``rule`` names what decided.

    ``profile`` is what a command may touch when it runs; ``opens`` may be read besides the
    workspace. ``lenient``: where nobody can be asked, the call is refused and the turn goes on.
    ``plan`` is the plan file that the call writes.
    """

    decision: Decision
    reason: str = ""
    rule: str = ""
    profile: Literal["read", "write"] = "write"
    opens: tuple[Path, ...] = ()
    lenient: bool = False
    plan: Path | None = None


ALLOWED: Final = Ruling(decision="allow")


class Permission:
    """``rules`` are the person's as they are now, ``home`` the person's folder; ``protection`` says
    what holds commands; ``remember`` keeps what the person allows for good; ``online`` says whether
    tools may reach the web at all."""

    def __init__(
        self,
        rules: Callable[[], Sequence[PermissionRule]],
        home: Path,
        protection: Callable[[], Awaitable[Protection]],
        remember: Remember | None = None,
        online: Callable[[], bool] = lambda: True,
    ) -> None:
        self._rules, self._home, self._protection = rules, home, protection
        self.remember, self._online = remember, online

    async def ruling(
        self,
        tool: Tool,
        args: Any,
        mode: Mode,
        workspace: Workspace,
        granted: Sequence[PermissionRule] = (),
        plan: PlanFile | None = None,
    ) -> Ruling:
        """What becomes of a call; ``granted`` holds besides the rules, in this session, which may
        write ``plan``."""
        if tool.name == SHELL:
            return await self._shell(tool, args, mode, workspace, granted)
        if tool.name == JOB:
            return await self._job(tool, args, mode, workspace, granted)
        written = plan.opened(tool, args, mode, workspace) if plan else None
        only = plan.only(workspace) if plan else ""
        by_mode = refusal(mode, tool.name, tool.effect, only)
        if by_mode is not None and is_foreign(tool.name) and self._excused(tool, args):
            by_mode = None
        if by_mode is not None and written is None:
            return Ruling(decision="deny", reason=by_mode, rule=f"mode.{mode}")
        if tool.effect == "network" and not self._online():
            return OFFLINE
        if tool.name == WEB:
            return self._web(args.url, granted)
        if tool.effect == "read" and (path := getattr(args, "path", None)):
            return self._path(tool, path, mode, workspace, granted)
        allowed = Ruling(decision="allow", plan=written)
        if not self._rules():
            return allowed
        objection = self._policy(workspace).target(tool.name, tool.target(args))
        return replace(_ruled(objection), plan=written) if objection is not None else allowed

    def _excused(self, tool: Tool, args: Any) -> bool:
        """Whether the person lets a server's tool run in every mode, by a rule that names it."""
        from ion_core.policy.rules import Rules  # start-up: rules alone need it

        return Rules(tuple(self._rules())).allows((tool.name,), tool.target(args))

    def destination(self, url: str) -> Destination:
        """Where a URL leads that may be fetched. Blocking. Raises ``UrlRefused``."""
        from ion_core.policy import urls  # start-up: few sessions fetch anything
        from ion_core.policy.rules import Rules

        try:
            target = urls.target_of(url)
        except urls.UrlRefused as error:
            raise UrlRefused(str(error)) from error
        objection = Rules(tuple(self._rules())).objection((WEB,), urls.forms(url))
        if objection is not None and objection.decision == "deny":
            raise UrlRefused(objection.reason)
        return Destination(**target._asdict())

    def covers(self, url: str) -> bool:
        """Whether a rule allows to fetch a URL, and none asks about it: where a page may lead on
        to another host without a question. Looks nothing up."""
        from ion_core.policy import urls  # start-up: few sessions fetch anything
        from ion_core.policy.rules import Rules

        rules = Rules(tuple(self._rules()))
        objection = rules.objection((WEB,), urls.forms(url)) or urls.too_long(url)
        return objection is None and any(rules.allows((WEB,), form) for form in urls.forms(url))

    def only_looks(self, command: str, cwd: str, workspace: Workspace) -> bool:
        """Whether a command is proved to change nothing."""
        judged = self._policy(workspace).command(command, "read", cwd)
        return judged.decision == "allow" and judged.rule != "permissions.allow"

    def hides(self, tool: Tool, workspace: Workspace) -> Hides | None:
        """Which of the files that a search finds it may not tell of; None when it may of all."""
        if tool.name not in SEARCHES:
            return None
        from ion_core.policy.found import hidden_from  # start-up: with the first search

        return hidden_from(tool.name, self._policy(workspace))

    def environment(self, tool: Tool, profile: str) -> Mapping[str, str]:
        """The variables that what is allowed was proved with."""
        if tool.name != SHELL or profile == "write":
            return {}
        from ion_core.policy.shell.programs import LOOKING  # start-up: READ alone needs it

        return LOOKING

    async def _shell(
        self,
        tool: Tool,
        args: Any,
        mode: Mode,
        workspace: Workspace,
        granted: Sequence[PermissionRule],
    ) -> Ruling:
        protection = await self._protection()
        if mode == "write" and protection != "unheld" and not self._rules():
            return ALLOWED
        policy = self._policy(workspace, granted)
        command, cwd = tool.target(args), getattr(args, "cwd", ".")
        answer = policy.command(command, mode, cwd)
        if answer.decision == "deny":
            return _ruled(answer)
        if mode == "write":
            if protection == "unheld" and answer.decision == "allow":
                excused = policy.command(command, "read", cwd).rule == "permissions.allow"
                return ALLOWED if excused else UNPROTECTED
            return _ruled(answer)
        if protection != "held":
            return UNHELD
        if answer.decision == "allow" and answer.rule != "permissions.allow":
            return Ruling(decision="allow", rule=answer.rule, profile="read")
        return _ruled(answer)

    async def _job(
        self,
        tool: Tool,
        args: Any,
        mode: Mode,
        workspace: Workspace,
        granted: Sequence[PermissionRule],
    ) -> Ruling:
        """Jobs may be looked at and ended in every mode. What is typed to one may be a command, so
        that it is ruled as if it were."""
        if self._rules():
            objection = self._policy(workspace).target(tool.name, tool.target(args))
            if objection is not None:
                return _ruled(objection)
        if args.action != "input":
            return ALLOWED
        if by_mode := refusal(mode, tool.name, tool.effect):
            return Ruling(decision="deny", reason=by_mode, rule=f"mode.{mode}")
        protection = await self._protection()
        if protection != "unheld" and not self._rules():
            return ALLOWED
        answer = self._policy(workspace, granted).command(args.text, mode)
        if answer.decision == "allow" and protection == "unheld":
            return UNPROTECTED
        return _ruled(answer)

    def _path(
        self,
        tool: Tool,
        path: str,
        mode: Mode,
        workspace: Workspace,
        granted: Sequence[PermissionRule],
    ) -> Ruling:
        """What is read of the workspace runs; what is outside of it, or holds keys, is asked
        about. A path that leads nowhere is for the tool to answer."""
        from ion_core.policy.paths import Deed, judge_path  # start-up: with the first reading

        deed: Deed = "read" if tool.name in ("read", "grep") else "list"
        plain = judge_path(path, deed, workspace)
        if plain.decision == "allow" and not self._rules():
            return ALLOWED
        answer = self._policy(workspace, granted).path(path, deed, mode)
        if answer.rule in ("path.missing", "path.refused", "path.error"):
            return ALLOWED
        named = workspace.root / Path(path).expanduser()
        opens = (named.resolve(),) if plain.rule == "path.outside" else ()
        return _ruled(answer, opens=opens, lenient=not answer.rule.startswith("permissions."))

    def _web(self, url: str, granted: Sequence[PermissionRule]) -> Ruling:
        """The first contact with a host is asked about; rules that allow it name it."""
        from ion_core.policy import urls  # start-up: few sessions fetch anything
        from ion_core.policy.rules import Rules

        try:
            host = urls.named_host(url)
        except urls.UrlRefused:
            return ALLOWED  # the tool says what is wrong with it
        rules = Rules((*self._rules(), *granted))
        objection = rules.objection((WEB,), urls.forms(url)) or urls.too_long(url)
        if objection is not None:
            return _ruled(objection, lenient=objection.rule == "url.length")
        if any(rules.allows((WEB,), form) for form in urls.forms(url)):
            return ALLOWED
        reason = f"{host} was not visited before in this session."
        return Ruling(decision="ask", reason=reason, rule="url.contact", lenient=True)

    def _policy(self, workspace: Workspace, granted: Sequence[PermissionRule] = ()) -> Policy:
        from ion_core.policy.policy import Policy  # start-up: READ and rules alone need it
        from ion_core.policy.rules import Rules

        return Policy(workspace, self._home, Rules((*self._rules(), *granted)))


OFFLINE: Final = Ruling(
    decision="deny",
    reason="The web is switched off here ([web] enabled), so that nothing was fetched or searched.",
    rule="web.off",
)
UNHELD: Final = Ruling(
    decision="deny",
    reason=(
        "In READ and PLAN commands run inside a sandbox alone, and there is none here or it is "
        "off (ion sandbox status says why). Use read, grep, glob and list."
    ),
    rule="sandbox.none",
)
UNPROTECTED: Final = Ruling(
    decision="ask",
    reason=(
        "There is no sandbox on this machine (ion sandbox status says why), so nothing would hold "
        "this command."
    ),
    rule="sandbox.none",
)


def _ruled(answer: Judgement, *, opens: tuple[Path, ...] = (), lenient: bool = False) -> Ruling:
    return Ruling(
        decision=answer.decision,
        reason=answer.reason,
        rule=answer.rule,
        opens=opens,
        lenient=lenient,
    )
