"""One child's stay in the sandbox: what is made ready for it, and put right when it has ended.

A child may be made ready on the thread that starts it while another is tidied up after, so that
both take turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from threading import Lock

from msgspec.structs import replace

from ion_core.sandbox.base import Bounds
from ion_core.sandbox.bwrap import Masks, arguments
from ion_core.sandbox.fresh import defused, led_back
from ion_core.sandbox.guard import Contents, Guard
from ion_core.sandbox.places import Places, Surveyor, is_within
from ion_core.sandbox.repositories import Repository, is_of, modules, worktrees
from ion_core.sandbox.stand_ins import StandIns


class Ground:
    """What all children of one sandbox share. ``stand_ins`` and ``surveyor`` are used in turn."""

    def __init__(self, surveyor: Surveyor, stand_ins: StandIns, masks: Masks) -> None:
        self.surveyor, self.stand_ins, self.masks = surveyor, stand_ins, masks
        self.contents: Contents = {}
        self.turn = Lock()


class Stay:
    """From :meth:`mounted` or :meth:`compared` to :meth:`end`."""

    def __init__(self, ground: Ground, bounds: Bounds) -> None:
        self._ground, self._bounds = ground, bounds
        self._found: Places | None = None
        self._taken: list[str] = []
        self._guard: Guard | None = None

    def mounted(self, needed: Iterable[str] = ()) -> list[str]:
        """Make ready for bubblewrap, whose arguments are told; ``needed`` is shown besides what
        the bounds say. Raises ``OSError``."""
        with self._ground.turn:
            found = self._ground.surveyor.places(self._bounds)
            self._taken = self._ground.stand_ins.take(found.guarded)
            self._found = found.with_names(self._taken)
            self._watch(one.path for one in self._found.guarded if not one.is_mounted)
            lent = [path for path in needed if not is_within(path, found.looked_at)]
            bounds = replace(self._bounds, shown=(*self._bounds.shown, *lent))
            return arguments(bounds, self._found, self._ground.masks)

    def compared(self) -> Places:
        """Make ready where nothing is mounted."""
        with self._ground.turn:
            self._found = self._ground.surveyor.places(self._bounds)
            self._watch(one.path for one in self._found.guarded)
            return self._found

    def _watch(self, paths: Iterable[str]) -> None:
        if self._bounds.profile == "write":
            self._guard = Guard(paths, self._bounds.root, self._ground.contents)

    def end(self) -> tuple[str, ...]:
        """Compare, put back, and look at repositories that are new; a sentence for each thing."""
        with self._ground.turn:
            self._ground.stand_ins.give_back(self._taken)
            if self._guard is None or self._found is None:
                return ()
            told = self._guard.restore()
            return (*told, *self._tidied(self._found))

    def _tidied(self, found: Places) -> Iterator[str]:
        """Look at what is new in repositories, then at new ones."""
        before = {one.path for one in found.guarded}
        for common in dict.fromkeys(one.apart or one.common for one in found.repositories):
            for worktree in worktrees(common):
                if f"{worktree}/commondir" not in before and not is_of(worktree, common):
                    yield led_back(worktree, common)
            new = (module for module in modules(common) if f"{module}/config" not in before)
            yield from defused(new, is_module=True)
        yield from defused(self._new(found))

    def _new(self, found: Places) -> list[str]:
        known = {one.mark for one in found.repositories}
        now = self._ground.surveyor.repositories_in(found)
        commons = {one.common for one in now if one.mark in known}
        return [one.mark for one in now if _is_new(one, known, commons)]


def _is_new(one: Repository, known: set[str], commons: set[str]) -> bool:
    return one.mark not in known and not (one.private and one.common in commons)
