"""Files, brought back to what they were before a message: first as a preview, then in truth.

What somebody else changed since is left as it is unless it is asked for by name. Going back is
itself a checkpoint, so that it can be taken back.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path, PurePath
from typing import NamedTuple

from ion_core.agent.unwatched import told
from ion_core.errors import StoreError
from ion_core.ids import Clock, EntryId, SessionId
from ion_core.rewinding import FileChange, Rewound
from ion_core.sessions import checkpoints
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.checkpoints import GOING_BACK, Cause, Changes, Last, Prints, Shelf
from ion_core.sessions.file_states import (
    UNKNOWN,
    State,
    expected,
    hindrance,
    litter,
    look,
    put_back,
)

SLACK_NS = 50_000_000
"""How much the clocks of the disk and of the sessions may differ."""
LONGEST_DIFF = 200_000
"""Bytes of a file up to which its difference is shown."""

BY_OTHERS = "It was changed since, by you or another program."
BY_NOBODY_KNOWS = "It was changed while a job ran, or ion was ended; nobody knows by whom."


class Plan(NamedTuple):
    """What there is to be done: the states to restore, and how it looks to the person."""

    states: dict[str, State]
    files: tuple[FileChange, ...]
    gaps: tuple[str, ...]


class GoingBack:
    """The files of one session. Nothing is changed outside of ``roots``, which are real paths."""

    def __init__(
        self, shelf: Shelf, blobs: Blobs, session: SessionId, roots: Sequence[str], clock: Clock
    ) -> None:
        self._shelf, self._blobs, self._session = shelf, blobs, session
        self._roots, self._clock = tuple(roots), clock

    async def to(self, entry: EntryId) -> Plan:
        """How to come to the files as they were when an entry was appended."""
        target = await self._shelf.ask(lambda db: checkpoints.before(db, self._session, entry))
        plan = await self._plan(target)
        began = await self._shelf.ask(lambda db: checkpoints.effects(db, self._session, entry))
        if began is None:
            return plan
        since = began - SLACK_NS
        unwatched = [await asyncio.to_thread(told, Path(root), since) for root in self._roots]
        return plan._replace(gaps=(*plan.gaps, *chain.from_iterable(unwatched)))

    async def undone(self) -> tuple[Last, Plan]:
        """What was gone back from last, and how to come to its files. Raises ``StoreError``."""
        last = await self._shelf.ask(lambda db: checkpoints.last(db, self._session))
        if last is None or last.cause not in GOING_BACK:
            raise StoreError("There is nothing to redo: nothing was gone back to, or work went on.")
        target = await self._shelf.ask(lambda db: checkpoints.found_by(db, self._session, last.id))
        return last, await self._plan(target)

    async def _plan(self, target: Mapping[str, State]) -> Plan:
        left = await self._shelf.ask(lambda db: checkpoints.left(db, self._session))
        return await asyncio.to_thread(self._compared, target, left)

    def _compared(self, target: Mapping[str, State], left: Mapping[str, Prints]) -> Plan:
        states, files, gaps = {}, [], []
        for path in sorted(target):
            then, now = target[path], look(path)
            if then.kind in ("unkept", "unseen"):
                gaps.append(_gap(path, then))
            elif not _same(then, now):
                states[path] = then
                is_free = any(str(folder) in target for folder in PurePath(path).parents)
                problem = "" if is_free else hindrance(path, self._roots)  # else when it is done
                files.append(self._change(path, then, now, left.get(path, (UNKNOWN,)), problem))
        return Plan(states, tuple(files), tuple(gaps))

    def _change(
        self, path: str, then: State, now: State, left: Prints, conflict: str
    ) -> FileChange:
        if not conflict and now.print not in left:
            conflict = BY_NOBODY_KNOWS if UNKNOWN in left else BY_OTHERS
        return FileChange(
            path=path,
            action="delete" if then.kind == "none" else "create" if _absent(now) else "change",
            diff=self._diff(path, then, now),
            conflict=conflict,
        )

    def _diff(self, path: str, then: State, now: State) -> str:
        from difflib import unified_diff

        old, new = self._text(path, now, here=True), self._text(path, then, here=False)
        if old is None or new is None:
            return ""
        lines = unified_diff(old, new, path, path)
        return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)

    def _text(self, path: str, state: State, *, here: bool) -> list[str] | None:
        """Its lines; none of what is not there, and None for what is no short text."""
        if state.kind == "none":
            return []
        if state.kind != "file" or state.digest is None:
            return None
        try:
            if here:
                with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                    data = file.read(LONGEST_DIFF + 1)
            else:
                data = self._blobs.read(state.digest.hex())
            return data.decode().splitlines(keepends=True) if len(data) <= LONGEST_DIFF else None
        except (OSError, UnicodeDecodeError):
            return None

    async def restore(
        self, plan: Plan, cause: Cause, head: EntryId, overwrite: Sequence[str] = ()
    ) -> Rewound:
        """Do it, and say what was done. Raises ``StoreError`` with nothing changed."""
        forced = {os.path.abspath(path) for path in overwrite}
        kept = {each.path: each.conflict for each in plan.files if each.conflict}
        states = {p: s for p, s in plan.states.items() if p not in kept or p in forced}
        before, now = await asyncio.to_thread(self._before, states), self._clock()
        made = await self._shelf.change_session(
            self._session,
            lambda db: checkpoints.record(db, self._session, head, cause, before, now),
        )
        failed, prints = await asyncio.to_thread(self._do, states)
        await self._shelf.change_session(
            self._session, lambda db: checkpoints.settle(db, made, prints)
        )
        kept = {path: why for path, why in kept.items() if path not in forced} | failed
        return Rewound(
            restored=tuple(path for path in states if path not in failed),
            kept=tuple(f"{path}: {why}" for path, why in sorted(kept.items())),
        )

    def _before(self, states: Mapping[str, State]) -> Changes:
        """What is there now, and what will be: true also when nothing more than this was done."""
        blobs = self._blobs
        return {
            path: (_seen(path, blobs), expected(state, blobs)) for path, state in states.items()
        }

    def _do(self, states: Mapping[str, State]) -> tuple[dict[str, str], dict[str, bytes | None]]:
        """Why what was not done, and what stands there now."""
        failed: dict[str, str] = {}
        for folder in {os.path.dirname(path) for path in states}:
            for scratch in litter(folder):
                with suppress(OSError):
                    os.unlink(scratch)
        for path in sorted(states, key=lambda path: _order(path, states[path])):
            if why := put_back(path, states[path], self._blobs, self._roots):
                failed[path] = why
        return failed, {path: look(path).print for path in states}


def _seen(path: str, blobs: Blobs) -> State:
    """What is there now. Behind a folder that is a link there is nothing of ours, whatever the link
    leads to."""
    folder = os.path.dirname(path)
    if os.path.lexists(folder) and os.path.realpath(folder) != folder:
        return State(kind="none")
    return look(path, blobs)


def _order(path: str, state: State) -> tuple[int, int]:
    """What goes away first, from the inside; then folders, from the outside; then files."""
    depth = path.count("/")
    if state.kind == "none":
        return 0, -depth
    return (1, depth) if state.kind == "folder" else (2, depth)


def _absent(state: State) -> bool:
    return state.kind == "none"


def _same(then: State, now: State) -> bool:
    is_same_kind = (then.kind, then.digest) == (now.kind, now.digest)
    return is_same_kind and (then.kind in ("none", "link") or then.mode == now.mode)


def _gap(path: str, then: State) -> str:
    if then.kind == "unseen":
        return f"Not everything that commands changed in {path} could be seen: it is too large."
    return f"{path} was changed, and what it held before was not kept."
