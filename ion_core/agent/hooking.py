"""The occasions of one session on which hooks are told, and what their verdicts change.

Whoever has an occasion asks ``wants`` first; without hooks nothing here is done, and the modules of
the hooks' room but its door are never imported.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from ion_core.agent.hooking_around import HookingAround
from ion_core.agent.hooking_around import contexts as _contexts
from ion_core.compaction.base import CannotCompact
from ion_core.entries import CompactionReason, HookContext, Instructions
from ion_core.errors import HookBlocked, HookStop
from ion_core.hooks.base import SILENT, Verdict
from ion_core.messages import Message, Text, ToolCall
from ion_core.sessions.base import Append, Change

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ion_core.agent.plan import Planned
    from ion_core.tools.base import Outcome

MOST_BLOCKS: Final = 8
"""Times in a row that hooks may let a turn go on that would end."""
END_S: Final = 1.5
"""Seconds that hooks of the end of a session have."""


class Hooking(HookingAround):
    """The occasions. Each costs a look at a set where no hook is for it."""

    async def begin(self, source: str = "") -> list[Append]:
        """The first prompt of a session here: what its hooks tell the model."""
        if self._has_begun and not source:
            return []
        self._has_begun = True
        if not self.wants("SessionStart"):
            return []
        view = self._journal.bus.view
        before = any(isinstance(entry.body, Message) for entry in view.entries)
        source = source or self.source or ("resume" if before else "startup")
        found = await self.ask("SessionStart", source, source=source, model=view.model)
        await self._name(found)
        return _contexts("SessionStart", found)

    async def prompt(self, text: str) -> list[Append]:
        """A prompt is about to be said: what its hooks tell the model behind it. Raises
        ``HookBlocked`` where it may not be said."""
        self._halt = None  # what was said of an earlier turn
        begun = [*await self.begin(), *await self.changed_files()]
        if not self.wants("UserPromptSubmit"):
            return begun
        found = await self.ask("UserPromptSubmit", prompt=text)
        if found.decision == "deny" or found.stop is not None:
            self._halt = None
            raise HookBlocked(found.stop or found.reason or "A hook blocked the prompt.")
        await self._name(found)
        return [*begun, *_contexts("UserPromptSubmit", found)]

    async def expanded(self, name: str, args: str, text: str) -> list[Append]:
        """A command or skill is about to stand for a prompt. Raises ``HookBlocked``."""
        if not self.wants("UserPromptExpansion"):
            return []
        found = await self.ask(
            "UserPromptExpansion", name, command_name=name, arguments=args, expanded_prompt=text
        )
        if found.decision == "deny":
            raise HookBlocked(found.reason)
        return _contexts("UserPromptExpansion", found)

    async def selection(self, tools: Sequence[str]) -> frozenset[str]:
        """A request is about to be made: the tools that hooks do not let be called in its answer.
        The request names them all the same, so that what the provider cached of it stays."""
        if not self.wants("BeforeToolSelection"):
            return frozenset()
        found = await self.ask("BeforeToolSelection", tools=list(tools))
        denied = found.said.get("deniedTools")
        return frozenset(map(str, denied)) if isinstance(denied, list) else frozenset()

    async def instead(self, model: str) -> Message | None:
        """What hooks answer in the place of a model; None when it is asked. Raises ``HookStop``,
        also for what a hook said since the turn began."""
        self.check()
        if not self.wants("BeforeModel"):
            return None
        found = await self.ask("BeforeModel", model, model=model)
        self.check()
        if found.decision == "deny":
            raise HookStop(found.reason or "A hook did not let the model be asked.")
        answer = found.said.get("response")
        if answer is None:
            return None
        return Message(role="assistant", parts=(Text(text=str(answer)),), stop="end_turn")

    async def answered(self, model: str, answer: Message) -> None:
        """A model answered."""
        if self.wants("AfterModel"):
            words = "\n".join(part.text for part in answer.parts if isinstance(part, Text))
            calls = [{"tool_name": c.name, "tool_input": c.arguments} for c in answer.calls]
            await self.ask("AfterModel", model, model=model, response=words, tool_calls=calls)

    async def before(self, plan: Planned) -> Verdict:
        """A call is about to run."""
        if (found := await self.steps(plan)).decision:
            return found
        if plan.problem or not self.wants("PreToolUse"):
            return SILENT
        told, answers = _told(plan), list[Verdict]()
        for file in _patched(plan) or ("",):  # of a patch each file is asked about
            if file:
                told["tool_input"] = {**plan.call.arguments, "path": file}
            answers.append(await self.ask("PreToolUse", plan.name, plan.target, **told))
            if answers[-1].decision == "deny" or answers[-1].stop is not None:
                break
        return max(answers, key=lambda said: _WEIGHT.get(said.decision, 0))

    async def after(self, plan: Planned, outcome: Outcome, ms: int) -> Outcome:
        """A call was run: its outcome as the model reads it."""
        event = "PostToolUseFailure" if outcome.status == "error" else "PostToolUse"
        if plan.problem or not self.wants(event):
            return outcome
        fields = _told(plan) | {"duration_ms": ms}
        if event == "PostToolUse":
            fields["tool_response"] = {"output": outcome.content, "status": outcome.status}
        else:
            fields |= {"error": outcome.content, "is_interrupt": False}
        found = await self.ask(event, plan.name, plan.target, **fields)
        return _changed(outcome, event, found)

    async def batch(self, calls: Sequence[ToolCall]) -> None:
        """All calls of an answer were run."""
        if changed := await self.changed_files():
            await self._journal.record(*changed)
        if not self.wants("PostToolBatch"):
            return
        told = [
            {"tool_name": c.name, "tool_input": c.arguments, "tool_use_id": c.id} for c in calls
        ]
        found = await self.ask("PostToolBatch", tool_calls=told)
        if contexts := _contexts("PostToolBatch", found):
            await self._journal.record(*contexts)

    async def permission(self, name: str, target: str, arguments: dict[str, Any]) -> Verdict:
        """The person is about to be asked whether a call may run."""
        found = await self.ask(
            "PermissionRequest",
            name,
            target,
            tool_name=name,
            tool_input=arguments,
            permission_suggestions=[],
        )
        if not found.decision:
            await self.notify("permission_prompt", f"ion needs your leave for {name}: {target}")
        return found

    async def denied(self, plan: Planned, reason: str) -> None:
        """A call did not get leave."""
        await self.ask("PermissionDenied", plan.name, plan.target, **_told(plan), reason=reason)

    async def goes_on(self, answer: Message) -> bool:
        """Whether a turn that would end goes on, since a hook wants it: then the model is told."""
        event = "SubagentStop" if self._identity.agent else "Stop"
        if not self.wants(event):
            return False
        words = "\n".join(part.text for part in answer.parts if isinstance(part, Text))
        found = await self.ask(
            event,
            self._identity.agent,
            stop_hook_active=self._blocks > 0,
            last_assistant_message=words,
        )
        said = [found.reason] if found.decision == "deny" else []
        said += found.context
        if found.stop is not None or not said or self._blocks >= MOST_BLOCKS:
            self._blocks = 0
            return False
        self._blocks += 1
        texts = [Append(body=HookContext(event=event, text=text)) for text in said if text]
        await self._journal.record(*texts)
        return bool(texts)

    async def failed(self, kind: str, sentence: str) -> None:
        """A turn ended with an error."""
        await self.ask("StopFailure", kind, error=sentence, error_type=kind)
        await self.ask("OnError", kind, error=sentence, error_type=kind)

    async def before_compaction(self, reason: CompactionReason, focus: str) -> str:
        """See ``Compacting.before``."""
        if not self.wants("PreCompact"):
            return ""
        trigger = "manual" if reason == "person" else "auto"
        found = await self.ask("PreCompact", trigger, trigger=trigger, custom_instructions=focus)
        if found.decision == "deny":
            raise CannotCompact(found.reason or "A hook forbade it.")
        return str(found.said.get("additionalInstructions") or "")

    async def compacted(self, reason: CompactionReason, summary: str) -> None:
        """A compaction took effect."""
        trigger = "manual" if reason == "person" else "auto"
        await self.ask("PostCompact", trigger, trigger=trigger, compact_summary=summary)
        if contexts := await self.begin("compact") if self.wants("SessionStart") else []:
            await self._journal.record(*contexts)

    async def loaded(self, told: Sequence[Instructions]) -> None:
        """The model is told of instruction files from now on."""
        for one in told:
            await self.ask(
                "InstructionsLoaded",
                one.change,
                file_path=str(self._cwd / one.source),
                memory_type="Project",
                load_reason=one.change,
            )

    async def end(self, reason: str = "prompt_input_exit") -> None:
        """The session is closed. Hooks have a moment, and stop nothing."""
        if self._has_begun and self.wants("SessionEnd"):
            try:
                async with asyncio.timeout(END_S):
                    await self.ask("SessionEnd", reason, reason=reason)
            except TimeoutError:
                return

    async def _name(self, found: Verdict) -> None:
        if title := str(found.said.get("sessionTitle") or "").strip():
            await self._journal.change(Change(title=title[:200], title_source="auto"))


_WEIGHT = {"allow": 1, "ask": 2, "deny": 4}


def _patched(plan: Planned) -> tuple[str, ...]:
    """The files that a patch names."""
    if not (patch := getattr(plan.args, "patch", "")):
        return ()
    from ion_core.tools.patch_text import touched

    return tuple(dict.fromkeys(touched(patch)))


def _told(plan: Planned) -> dict[str, Any]:
    call = plan.call
    return {"tool_name": plan.name, "tool_input": dict(call.arguments), "tool_use_id": call.id}


def _changed(outcome: Outcome, event: str, found: Verdict) -> Outcome:
    """An outcome with what hooks put in its place, or behind it."""
    from msgspec.structs import replace  # start-up: as everything here, with the first hook

    content = outcome.content
    if isinstance(found.updated_output, str):
        content = found.updated_output
    elif found.updated_output is not None:
        import json

        content = json.dumps(found.updated_output, ensure_ascii=False)
    said = [found.reason] if found.decision == "deny" and found.reason else []
    for text in (*said, *found.context):
        content += f'\n<hook event="{event}">\n{text}\n</hook>'
    return outcome if content == outcome.content else replace(outcome, content=content)
