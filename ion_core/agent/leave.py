"""Whether a call may run, and as what: the policy rules, then the person decides what it asks.

A person may let a command run in other words than the model's; it is judged again as if the model
had said so, since a rule that denies holds for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct, structs, to_builtins
from msgspec.structs import replace

from ion_core.agent.person import Person
from ion_core.agent.scope import Scope, scope
from ion_core.asking import Decision, Proposal
from ion_core.config.schema import PermissionRule
from ion_core.entries import Mode
from ion_core.errors import IonError
from ion_core.events import ApprovalRequested
from ion_core.hooks.base import Verdict
from ion_core.policy.permission import SHELL, Permission, Ruling
from ion_core.policy.plan_file import PlanFile
from ion_core.tools.base import Tool
from ion_core.tools.paths import Workspace
from ion_core.tools.plan_file import opened

if TYPE_CHECKING:
    from ion_core.agent.plan import Planned, Planner
    from ion_core.agent.unhooked import Unhooked

CONTACT: Final = "url.contact"
NAMED: Final = (CONTACT, "path.outside")
ASKING_RULE: Final = "permissions.ask"


class Leave(Struct, frozen=True, kw_only=True):
    """What became of the question. ``refusal`` is the sentence that the model is told instead of a
    result; empty when the call may run."""

    plan: Planned
    workspace: Workspace
    profile: Literal["read", "write"] = "write"
    refusal: str = ""
    summary: str = ""


class Gate:
    """Every call of a session passes here before it runs. ``scope`` is that of the skill or
    command that is being carried out, None when there is none; ``profile`` is
    that of the agent whose session it is; ``denied`` are tools that hooks do
    not let be used for now."""

    def __init__(
        self,
        permission: Permission,
        person: Person,
        workspace: Workspace,
        mode: Callable[[], Mode],
        planner: Callable[[], Planner],
        hooking: Callable[[], Unhooked],
    ) -> None:
        self._hooking = hooking
        self._permission, self._person = permission, person
        self._workspace, self._mode, self._planner = workspace, mode, planner
        self._granted: list[PermissionRule] = []
        self._plan = PlanFile()
        self.scope: Scope | None = None
        self.profile: Scope | None = None
        self.denied: frozenset[str] = frozenset()

    @property
    def granted(self) -> tuple[PermissionRule, ...]:
        """What the person allowed for this session."""
        return tuple(self._granted)

    async def heard(self, plan: Planned) -> Leave:
        """:meth:`leave`, after hooks were told of the call: they may refuse it, change it, have it
        asked about, or have it not asked about in WRITE, which beats no rule. Raises as that."""
        hooking = self._hooking()
        if plan.name in self.denied:
            leave = self._refused(plan, f"Refused by a hook: {plan.name} may not be used now.")
        elif not hooking.judges(plan.name):
            leave = await self.leave(plan)
        else:
            leave = await self._after_hooks(plan, await hooking.before(plan))
        if leave.refusal and hooking.wants("PermissionDenied"):
            await hooking.denied(leave.plan, leave.refusal)
        return leave

    async def _after_hooks(self, plan: Planned, said: Verdict) -> Leave:
        note = "".join(f'\n<hook event="PreToolUse">\n{t}\n</hook>' for t in said.context)
        if said.decision == "deny":
            why = said.reason or "A hook did not allow this call."
            return self._refused(replace(plan, note=plan.note + note), f"Refused by a hook: {why}")
        if said.stop is not None:
            return self._refused(plan, f"Not run: {said.stop}")
        if said.updated_input is not None:
            from ion_core.hooks.names import own_input  # start-up: few hooks change anything

            cwd = str(self._workspace.root)
            arguments = own_input(plan.name, said.updated_input, plan.call.arguments, cwd)
            plan = self._planner().plan(structs.replace(plan.call, arguments=arguments))
            note += "\n[A hook changed the call.]"
        plan = replace(plan, note=plan.note + note)
        return await self.leave(plan, said.decision, said.reason)

    async def leave(self, plan: Planned, wish: str = "", why: str = "") -> Leave:
        """Whether a call may run. Waits for the person where they are asked. Raises
        ``ApprovalNeeded`` where nobody can be. ``wish`` is what hooks want: "ask" asks about what
        would run, "allow" does not ask in WRITE unless a rule of the person's does."""
        tool = plan.tool
        if tool is None or plan.problem:
            return Leave(plan=plan, workspace=self._workspace)
        for held in filter(None, (self.profile, self.scope)):
            if no := held.refusal(tool.name, plan.target):
                return self._refused(plan, no, "not allowed")
        ruling = _wished(await self._ruling(tool, plan), wish, why, self._mode())
        if ruling.decision == "allow":
            workspace = _opened(self._workspace, ruling)
            return Leave(plan=plan, workspace=workspace, profile=ruling.profile)
        if ruling.decision == "deny":
            return self._refused(plan, f"Refused: {ruling.reason}")
        if ruling.lenient and not self._person.can_allow(plan.call.id):
            return self._refused(plan, f"Refused: {ruling.reason} Nobody can be asked now.")
        request = self._request(tool, plan, ruling)
        said = await self._told(request) or await self._person.approval(request)
        return await self._obey(plan, ruling, request, said)

    async def _told(self, request: ApprovalRequested) -> Decision | None:
        """What hooks say in the person's place; None when the person is asked."""
        hooking = self._hooking()
        if not (hooking.wants("PermissionRequest") or hooking.wants("Notification")):
            return None
        found = await hooking.permission(request.name, request.target, request.arguments)
        if found.decision == "deny":
            return Decision(verdict="denied", comment=found.reason)
        if found.decision != "allow" or request.rule == ASKING_RULE:
            return None
        command = (found.updated_input or {}).get("command", "")
        return Decision(verdict="once", command=command if request.editable else "")

    def enter(
        self, name: str, allowed: Sequence[str], disallowed: Sequence[str], only: bool
    ) -> None:
        """A skill is carried out from now on, until the person speaks again."""
        self.scope = scope(name, allowed, disallowed, only=only)

    async def named(self, plan: Planned) -> Leave:
        """Whether what the person named themselves may be read. Nobody is asked: that they typed it
        is leave for what would be asked about because it is outside or new, and for nothing else.
        """
        tool = plan.tool
        if tool is None or plan.problem:
            return Leave(plan=plan, workspace=self._workspace)
        ruling = await self._ruling(tool, plan)
        is_named = ruling.decision == "ask" and ruling.rule in NAMED
        if is_named or ruling.decision == "allow":
            return Leave(plan=plan, workspace=_opened(self._workspace, ruling), profile="read")
        return self._refused(plan, f"Refused: {ruling.reason}")

    async def _ruling(self, tool: Tool, plan: Planned) -> Ruling:
        mode, workspace = self._mode(), self._workspace
        try:
            return await self._permission.ruling(
                tool, plan.args, mode, workspace, self._grants(mode), self._plan
            )
        except Exception as error:  # whatever was not thought of does not run
            reason = f"the call could not be judged ({type(error).__name__}: {error})."
            return Ruling(decision="deny", reason=reason, rule="policy.error")

    def _grants(self, mode: Mode) -> list[PermissionRule]:
        """What the person allowed, and in WRITE what is being carried out may use."""
        if self.scope is None or mode != "write":
            return self._granted
        return [*self._granted, *self.scope.allowed]

    async def _obey(
        self, plan: Planned, ruling: Ruling, request: ApprovalRequested, said: Decision
    ) -> Leave:
        if said.verdict == "denied":
            return self._refused(plan, _said_no(said.comment), "not allowed")
        if request.proposal is not None and (said.verdict != "once" or ruling.rule == CONTACT):
            await self._grant(said, request.proposal)
        if said.command and said.command != plan.target:
            return await self._changed(plan, said.command)
        workspace = _opened(self._workspace, ruling)
        return Leave(plan=plan, workspace=workspace, profile=ruling.profile)

    async def _changed(self, plan: Planned, command: str) -> Leave:
        """The call with another command, which no rule may deny."""
        arguments = {**plan.call.arguments, "command": command}
        fresh = self._planner().plan(structs.replace(plan.call, arguments=arguments))
        note = f"\n[The person changed the command. What ran is: {command}]"
        fresh = replace(fresh, note=fresh.note + note)
        ruling = await self._ruling(fresh.tool, fresh) if fresh.tool else Ruling(decision="deny")
        if ruling.decision == "deny":
            return self._refused(fresh, f"Refused: {ruling.reason}")
        return Leave(plan=fresh, workspace=self._workspace)

    async def _grant(self, said: Decision, proposal: Proposal) -> None:
        kept = Proposal(tool=proposal.tool, pattern=said.pattern.strip() or proposal.pattern)
        rule = PermissionRule(tool=kept.tool, pattern=kept.pattern, decision="allow")
        self._granted.append(rule)
        if said.verdict == "always" and self._permission.remember is not None:
            try:
                await self._permission.remember(kept)
            except IonError as error:
                await self._person.tell(f"The rule holds for this session only. {error}")

    def _request(self, tool: Tool, plan: Planned, ruling: Ruling) -> ApprovalRequested:
        # Start-up: asking comes late, if at all.
        from ion_core.policy.effects import effects_of
        from ion_core.policy.proposal import proposed

        is_shell, asked_by_rule = tool.name == SHELL, ruling.rule == ASKING_RULE
        place = getattr(plan.args, "path", "") or plan.target  # a search is called by its pattern
        return ApprovalRequested(
            call=plan.call.id,
            name=tool.name,
            target=plan.target,
            arguments=to_builtins(plan.args),
            reason=ruling.reason,
            rule=ruling.rule,
            effects=effects_of(plan.target, self._workspace) if is_shell else (),
            proposal=None if asked_by_rule else proposed(tool.name, place, self._workspace),
            editable=is_shell,
        )

    def _refused(self, plan: Planned, sentence: str, summary: str = "") -> Leave:
        mode = self._mode()
        summary = summary or ("refused" if mode == "write" else mode.upper())
        return Leave(plan=plan, workspace=self._workspace, refusal=sentence, summary=summary)


def _wished(ruling: Ruling, wish: str, why: str, mode: Mode) -> Ruling:
    """A ruling after hooks had a say."""
    if wish == "ask" and ruling.decision == "allow":
        reason = why or "A hook wants you to decide."
        return replace(ruling, decision="ask", reason=reason, rule="hook.ask", lenient=False)
    may = mode == "write" and ruling.decision == "ask" and ruling.rule != ASKING_RULE
    return replace(ruling, decision="allow") if wish == "allow" and may else ruling


def _opened(workspace: Workspace, ruling: Ruling) -> Workspace:
    """The workspace, with what is open to this call alone: the plan, or what the person opened."""
    if ruling.plan is not None:
        return opened(workspace, ruling.plan)
    if not ruling.opens:
        return workspace
    return replace(workspace, readable=(*workspace.readable, *ruling.opens))


def _said_no(comment: str) -> str:
    if comment:
        return f"The person did not allow this call, and says: {comment}"
    return (
        "The person did not allow this call. Do not try the same in another way: go on without it, "
        "or say what you need it for."
    )
