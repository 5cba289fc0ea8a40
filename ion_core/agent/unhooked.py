"""The occasions on which hooks are told, in a session that has none: nothing is done.

Whoever has an occasion calls it here. Where there are hooks, ``Hooking`` stands in this one's
place; only then is it imported, and what it needs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ion_core.agent.journal import Journal
    from ion_core.agent.plan import Planned
    from ion_core.agent.rooms import Rooms
    from ion_core.entries import CompactionReason, Instructions
    from ion_core.hooks.base import AskModel, Verdict
    from ion_core.messages import Message, ToolCall
    from ion_core.sessions.base import Append
    from ion_core.tools.base import Outcome


def hooking(rooms: Rooms, journal: Journal, cwd: Path) -> Unhooked:
    """The occasions of one session, which works in ``cwd``."""
    if rooms.hooks is None:
        return Unhooked()
    from ion_core.agent.hooking import Hooking  # start-up: few sessions have any
    from ion_core.agent.telling import Identity

    who = Identity(agent=rooms.agent)
    return Hooking(rooms.hooks, journal, cwd, rooms.transcripts, who)


class Unhooked:
    """What each occasion is, ``Hooking`` says."""

    ask_model: AskModel | None = None
    source = ""
    """Why the session begins, where that is not for the hooks to see: "clear", "fork"."""

    def wants(self, event: str) -> bool:
        """Whether any hook is for an event."""
        return False

    def judges(self, tool: str) -> bool:
        """Whether hooks have a say before a call of a tool."""
        return False

    async def ask(self, event: str, matched: str = "", gist: str = "", /, **fields: Any) -> Verdict:
        """What hooks say of an occasion that has no name of its own here."""
        from ion_core.hooks.base import SILENT  # start-up: as above

        return SILENT

    def check(self) -> None:
        """Raises ``HookStop`` when a hook wanted that nothing goes on."""

    async def prompt(self, text: str) -> list[Append]:
        return []

    async def expanded(self, name: str, args: str, text: str) -> list[Append]:
        return []

    async def selection(self, tools: Sequence[str]) -> frozenset[str]:
        return frozenset()

    async def instead(self, model: str) -> Message | None:
        return None

    async def answered(self, model: str, answer: Message) -> None:
        return None

    async def before(self, plan: Planned) -> Verdict:
        return await self.ask("PreToolUse")

    async def after(self, plan: Planned, outcome: Outcome, ms: int) -> Outcome:
        return outcome

    async def batch(self, calls: Sequence[ToolCall]) -> None:
        return None

    async def permission(self, name: str, target: str, arguments: dict[str, Any]) -> Verdict:
        return await self.ask("PermissionRequest")

    async def denied(self, plan: Planned, reason: str) -> None:
        return None

    async def switching(self, old: str, new: str) -> None:
        return None

    async def switched(self, old: str, new: str) -> None:
        return None

    async def tree(self, name: str) -> str:
        return ""

    async def tree_gone(self, path: str) -> None:
        return None

    async def notify(self, kind: str, message: str) -> None:
        return None

    async def goes_on(self, answer: Message) -> bool:
        return False

    async def failed(self, kind: str, sentence: str) -> None:
        return None

    async def before_compaction(self, reason: CompactionReason, focus: str) -> str:
        return ""

    async def compacted(self, reason: CompactionReason, summary: str) -> None:
        return None

    async def loaded(self, told: Sequence[Instructions]) -> None:
        return None

    async def end(self, reason: str = "prompt_input_exit") -> None:
        return None
