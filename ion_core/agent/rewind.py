"""The part of a session that goes back to before an earlier message of the person's, and returns.

The conversation goes on from there on a branch of its own, so that nothing of it is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ion_core.agent.branch import asked
from ion_core.agent.branching import Branching
from ion_core.errors import StoreError
from ion_core.ids import EntryId
from ion_core.rewinding import Preview, Rewound, Scope
from ion_core.sessions.marks import MoveHead

if TYPE_CHECKING:
    from ion_core.agent.dispatch import Dispatch
    from ion_core.agent.going_back import GoingBack
    from ion_core.agent.keeping import Keeping

BUSY = "Files cannot be restored while a turn runs. Stop it (Esc), then go back."
JOBS = "Files cannot be restored while a job runs. Stop it (/jobs), then go back."
UNKEPT = "Nothing is kept of the files of this session."


class Rewinding(Branching):
    """That part."""

    _dispatch: Dispatch

    @property
    def busy(self) -> bool:
        """Whether a turn runs."""
        raise NotImplementedError

    async def preview_rewind(self, entry: EntryId) -> Preview:
        """What going back to before a message of the person's would do. Raises ``StoreError`` for
        any other entry."""
        path = self._journal.bus.view.entries
        said = asked(path, entry)
        gone = len(path) - [known.id for known in path].index(entry)
        shown = Preview(to=entry, prompt=said.body.text, entries=gone)
        keeping = self._dispatch.keeping
        if keeping is None:
            return replace(shown, gaps=(UNKEPT,))
        plan = await (await self._files(keeping)).to(entry)
        return replace(shown, files=plan.files, gaps=plan.gaps)

    async def rewind(self, entry: EntryId, scope: Scope, overwrite: Sequence[str] = ()) -> Rewound:
        """Go back to before a message: the conversation, the files, or both. Files that others
        changed are left, but those in ``overwrite``. Raises ``StoreError``, for files also while
        a turn or a job runs."""
        said = asked(self._journal.bus.view.entries, entry)
        keeping = self._check(scope)
        done = Rewound()
        if keeping is not None:
            files = await self._files(keeping)
            plan = await files.to(entry)
            if scope == "conversation":
                plan = plan._replace(states={}, files=())
            done = await files.restore(plan, scope, self._head, overwrite)
        if scope != "files":
            await self._go(MoveHead(to=said.parent))
        return replace(done, prompt=said.body.text)

    async def redo(self) -> Rewound:
        """Take back the last going back. Raises ``StoreError`` when there is none, or something
        was done to files since."""
        keeping = self._check("both")
        if keeping is None:
            raise StoreError(f"There is nothing to redo. {UNKEPT}")
        files = await self._files(keeping)
        last, plan = await files.undone()
        done = await files.restore(plan, "redo", last.entry)
        if last.cause != "files":
            await self._go(MoveHead(to=last.entry))
        return done

    @property
    def _head(self) -> EntryId:
        return self._journal.bus.view.entries[-1].id

    def _check(self, scope: Scope) -> Keeping | None:
        self._journal.check()
        keeping = self._dispatch.keeping
        if scope != "conversation":
            if self.busy:
                raise StoreError(BUSY)
            if self._dispatch.jobs.running:
                raise StoreError(JOBS)
            if keeping is None and scope == "files":
                raise StoreError(UNKEPT)
        return keeping

    async def _files(self, keeping: Keeping) -> GoingBack:
        from ion_core.agent.going_back import GoingBack  # start-up: few sessions go back

        if entries := self._journal.bus.view.entries:
            await keeping.catch_up(entries[-1].id)
        session = self._journal.session
        return GoingBack(keeping.shelf, keeping.blobs, session, keeping.roots, keeping.clock)
