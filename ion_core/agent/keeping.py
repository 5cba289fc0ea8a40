"""What files were is kept before each effect, so that it can be gone back to.

A call that names its files has these looked at; around any other the folders of the workspace are.
What stood there is committed before a named file changes, and with the result of a command. What
could not be kept is recorded as such, and told when somebody wants to go back.
"""

from __future__ import annotations

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from ion_core.agent.sight import Look, Seen, differs, ignored, in_repository, seen
from ion_core.agent.unsettled import Unsettled
from ion_core.agent.whole import wholly
from ion_core.errors import SessionBusy
from ion_core.ids import Clock, EntryId, SessionId
from ion_core.sessions import checkpoints
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.checkpoints import Cause, Shelf
from ion_core.sessions.file_states import LARGEST, NOTHING, UNKNOWN, State, look
from ion_core.tools.paths import PathRefused, Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from ion_core.agent.plan import Planned

FIRST_SIGHT_BYTES: Final = 200 << 20
FIRST_SIGHT_S: Final = 2.0
"""What is read and kept of files that a command may change: of one session, and at once."""

SLACK_NS: Final = 50_000_000
"""A file that changed longer before a command was there before it, listed or not."""


UNKEPT: Final = State("unkept", None, 0, UNKNOWN)


class Keeping:
    """Of one session. ``running`` says whether a job of it runs."""

    def __init__(
        self,
        shelf: Shelf,
        blobs: Blobs,
        session: SessionId,
        workspace: Workspace,
        running: Callable[[], bool],
        clock: Clock,
        note: Path,
    ) -> None:
        self.shelf, self.blobs, self.clock = shelf, blobs, clock
        self.roots = tuple(str(root) for root in (workspace.root, *workspace.extra))
        self.session, self._workspace, self._running = session, workspace, running
        self._known: dict[tuple[str, Look], State] = {}
        self._room = FIRST_SIGHT_BYTES
        self._jobs_from: Seen | None = None
        self._unsettled, self._is_settled = Unsettled(note), False

    @asynccontextmanager
    async def around(self, plan: Planned, head: EntryId) -> AsyncIterator[None]:
        """Keep what a call may change; it runs inside. Raises ``StoreError`` before it does."""
        await self.settle()
        if paths := await asyncio.to_thread(self._named, plan):
            made = await self._begin(paths, head)
            try:
                yield
            finally:
                await wholly(self._end(made, paths))
            return
        await self.catch_up(head)
        old, touched = await asyncio.to_thread(self._sight), await self._touched()
        await asyncio.to_thread(self._unsettled.write, head, old, self._known)
        began = time.time_ns() - SLACK_NS
        try:
            yield
        finally:
            with suppress(SessionBusy):  # the result of the call will say so
                await wholly(self._compare(old, touched, began, head))

    async def catch_up(self, head: EntryId) -> None:
        """Record what was changed while jobs ran, by whomever."""
        await self.settle()
        old, self._jobs_from = self._jobs_from, None
        if old is not None:
            await self._caught_up(old, head)

    async def settle(self) -> None:
        """Record what a command changed whose end no ion saw."""
        if self._is_settled:
            return
        self._is_settled = True
        if (note := await asyncio.to_thread(self._unsettled.read)) is not None:
            self._known |= note.known
            await self._caught_up(note.seen, EntryId(note.head))

    async def _caught_up(self, old: Seen | None, head: EntryId) -> None:
        new = await asyncio.to_thread(self._sight)
        changes = {root: (State("unseen"), UNKNOWN) for root in self.roots}
        if old is not None and new is not None:
            found = await asyncio.to_thread(self._changes, old, new, 0)
            changes = {path: (was, UNKNOWN) for path, (was, _) in found.items()}
        if changes:
            await self._record(head, "shell", changes)
        await self._look_after(new, head)

    # files that a call names

    def _named(self, plan: Planned) -> list[str]:
        """The real paths, and those of the folders that are missing on the way there."""
        from ion_core.tools.patch_text import touched  # start-up: with the first effect

        found = [plan.touches] if plan.touches is not None else []
        if patch := getattr(plan.args, "patch", ""):
            for name in touched(patch):
                with suppress(PathRefused):
                    found.append(self._workspace.resolve(name, "write"))
        missing = (folder for path in found for folder in path.parents if not folder.exists())
        return [str(path) for path in (*found, *missing)]

    async def _begin(self, paths: list[str], head: EntryId) -> int:
        def story() -> dict[str, tuple[State, bytes | None]]:
            return {path: (look(path, self.blobs), UNKNOWN) for path in paths}

        return await self._record(head, "write", await asyncio.to_thread(story))

    async def _end(self, made: int, paths: list[str]) -> None:
        prints = await asyncio.to_thread(lambda: {path: look(path).print for path in paths})
        with suppress(SessionBusy):  # whoever took over knows that nobody looked
            await self.shelf.change_session(
                self.session, lambda db: checkpoints.settle(db, made, prints)
            )
        if self._jobs_from is not None:  # no job did this
            self._jobs_from.update(await asyncio.to_thread(_looks, paths))

    # whatever a command may change

    def _sight(self) -> Seen | None:
        """What is there, its content kept as far as there is room."""
        found: Seen = {}
        for root in self._trees():
            part = seen(root)
            if part is None:
                return None
            found.update(part)
        self._keep(found)
        return found

    def _keep(self, found: Seen) -> None:
        end = time.monotonic() + FIRST_SIGHT_S
        fresh = [path for path, now in found.items() if (path, now) not in self._known]
        for path in sorted(fresh, key=lambda path: found[path].size):
            now = found[path]
            size = 0 if stat.S_ISDIR(now.mode) else now.size
            if size > min(self._room, LARGEST) or time.monotonic() > end:
                continue
            self._room -= size
            self._known[path, now] = look(path, self.blobs, durable=False)

    async def _touched(self) -> dict[str, State]:
        """The files that this session changed before, as they are, wherever they are."""
        paths = await self.shelf.ask(lambda db: checkpoints.touched(db, self.session))
        return await asyncio.to_thread(lambda: {p: look(p, self.blobs) for p in paths})

    async def _compare(
        self, old: Seen | None, touched: Mapping[str, State], began: int, head: EntryId
    ) -> None:
        new = await asyncio.to_thread(self._sight)
        changes: dict[str, tuple[State, bytes | None]] = {}
        if old is not None and new is not None:
            changes = await asyncio.to_thread(self._changes, old, new, began)
        else:
            changes = {root: (State("unseen"), UNKNOWN) for root in self.roots}
        now = await asyncio.to_thread(lambda: {path: look(path) for path in touched})
        for path, was in touched.items():
            if (was.print, was.mode) != (now[path].print, now[path].mode):
                changes.setdefault(path, (was, now[path].print))
        if changes:
            await self._record(head, "shell", changes)
        await self._look_after(new, head)

    async def _look_after(self, new: Seen | None, head: EntryId) -> None:
        """What is there now is what jobs change from here on, if any runs."""
        self._jobs_from = new if self._running() else None
        if self._jobs_from is None:
            await asyncio.to_thread(self._unsettled.clear)
        else:
            await asyncio.to_thread(self._unsettled.write, head, self._jobs_from, self._known)

    def _changes(self, old: Seen, new: Seen, began: int) -> dict[str, tuple[State, bytes | None]]:
        changes, known = {}, {each.inode for each in old.values()}
        hidden = self._hidden(old, new)
        for path in old.keys() | new.keys():
            before, after = old.get(path), new.get(path)
            if not differs(before, after):
                continue
            is_older = after is not None and after.ctime_ns < began and after.inode not in known
            if before is None and is_older:
                continue  # it was there before, and ignored
            was = UNKEPT if path in hidden else self._was(path, before)
            now = look(path)
            if (was.print, was.mode) != (now.print, now.mode):
                changes[path] = was, now.print
        return changes

    def _hidden(self, old: Seen, new: Seen) -> set[str]:
        """Of what is seen now and was not, that which may have been there: git ignored it then."""
        fresh = [path for path in new.keys() - old.keys() if not stat.S_ISDIR(new[path].mode)]
        if not fresh or not (here := [r for r in self._trees() if in_repository(r)]):
            return set()
        rules = [path for path in old if path.endswith("/.gitignore")]
        if any(differs(old[path], new.get(path)) for path in rules):
            return set(fresh)
        inside = {r: [path for path in fresh if path.startswith(f"{r}/")] for r in here}
        return set().union(*(ignored(r, paths) for r, paths in inside.items()))

    def _trees(self) -> tuple[Path, ...]:
        return (self._workspace.root, *self._workspace.extra)

    def _was(self, path: str, before: Look | None) -> State:
        if before is None:
            return NOTHING
        if stat.S_ISDIR(before.mode):
            return State("folder", None, stat.S_IMODE(before.mode))
        return self._known.get((path, before), UNKEPT)

    async def _record(
        self, head: EntryId, cause: Cause, changes: Mapping[str, tuple[State, bytes | None]]
    ) -> int:
        now = self.clock()
        return await self.shelf.change_session(
            self.session,
            lambda db: checkpoints.record(db, self.session, head, cause, changes, now),
        )


def _looks(paths: Iterable[str]) -> Seen:
    found: Seen = {}
    for path in paths:
        with suppress(OSError):
            s = os.lstat(path)
            found[path] = Look(s.st_mode, s.st_size, s.st_mtime_ns, s.st_ctime_ns, s.st_ino)
    return found
