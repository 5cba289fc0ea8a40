"""Occasions beside the conversation itself: steps of a plan, watched files, models, working trees,
questions of servers, and that somebody should look.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, Final

from ion_core.agent.telling import Telling
from ion_core.entries import HookContext
from ion_core.errors import BadRequest
from ion_core.hooks.answer import made_tree
from ion_core.hooks.base import SILENT, Verdict
from ion_core.sessions.base import Append
from ion_core.todo import todo_of

if TYPE_CHECKING:
    from ion_core.agent.plan import Planned

STEPS: Final = frozenset({"TaskCreated", "TaskCompleted"})


class HookingAround(Telling):
    """The occasions. Each costs a look at a set where no hook is for it."""

    _watched: dict[str, int] | None = None

    def judges(self, tool: str) -> bool:
        """Whether hooks have a say before a call of a tool."""
        return self.wants("PreToolUse") or (tool == "todo" and any(map(self.wants, STEPS)))

    async def steps(self, plan: Planned) -> Verdict:
        """A ``todo`` call is about to run: what hooks say of the steps that are new in it, and of
        those that it says are done."""
        if plan.name != "todo" or not any(map(self.wants, STEPS)):
            return SILENT
        known = {item.text: item.status for item in todo_of(self._journal.bus.view.entries)}
        for number, item in enumerate(getattr(plan.args, "items", ()), 1):
            step = " ".join(item.content.split())
            told = {"task_id": str(number), "task_subject": step, "task_description": ""}
            found = SILENT
            if step not in known:
                found = await self.ask("TaskCreated", **told)
            if item.status == "completed" != known.get(step) and not found.decision:
                found = await self.ask("TaskCompleted", **told)
            if found.decision == "deny":
                return found
        return SILENT

    async def changed_files(self) -> list[Append]:
        """Between two requests: files that hooks watch by their names, and that changed since."""
        names = self._hooks.matchers("FileChanged") if self.wants("FileChanged") else ()
        if not names:
            return []
        before, now = self._watched, await asyncio.to_thread(_times, str(self._cwd), names)
        self._watched = now
        made: list[Append] = []
        for path in sorted({*now, *before}) if before is not None else ():
            if before is not None and before.get(path) != now.get(path):
                event = "add" if path not in before else "change" if path in now else "unlink"
                name = os.path.basename(path)
                found = await self.ask("FileChanged", name, file_path=path, event=event)
                made += contexts("FileChanged", found)
        return made

    async def switching(self, old: str, new: str) -> None:
        """Another model is about to answer. Raises ``BadRequest`` where it may not."""
        if self.wants("PreModelSwitch") and old != new:
            found = await self.ask("PreModelSwitch", new, from_model=old, to_model=new)
            if found.decision == "deny":
                raise BadRequest(found.reason or f"A hook did not let {new} be chosen.")

    async def switched(self, old: str, new: str) -> None:
        """Another model answers from now on."""
        if old != new:
            await self.ask("PostModelSwitch", new, from_model=old, to_model=new)

    async def tree(self, name: str) -> str:
        """A working tree is about to be made: where hooks made one instead, empty when they did
        not. Raises ``ConfigError`` where none may be made."""
        if not self.wants("WorktreeCreate"):
            return ""
        found = await self.ask("WorktreeCreate", name, name=name)
        return made_tree(found)

    async def tree_gone(self, path: str) -> None:
        """A working tree was removed, or is to be by hooks that made it."""
        await self.ask("WorktreeRemove", worktree_path=path)

    async def notify(self, kind: str, message: str) -> None:
        """The person should look."""
        await self.ask("Notification", kind, notification_type=kind, message=message, title="ion")


def contexts(event: str, found: Verdict) -> list[Append]:
    """What hooks tell the model, as entries."""
    return [Append(body=HookContext(event=event, text=text)) for text in found.context]


def _times(folder: str, names: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        path = os.path.join(folder, name)
        try:
            found[path] = os.stat(path).st_mtime_ns
        except OSError:
            continue
    return found
