"""What a patch makes of files: planned in memory, then done to all of them or to none."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import NamedTuple, assert_never

from msgspec import Struct

from ion_core.tools.diff import Difference, difference
from ion_core.tools.document import Document, NotText
from ion_core.tools.edit_match import NoMatch
from ion_core.tools.files import remove_file, replace_file
from ion_core.tools.foresight import Becoming
from ion_core.tools.patch_hunks import patched
from ion_core.tools.patch_text import Add, Delete, Section, Update
from ion_core.tools.paths import PathMissing, PathRefused, Workspace
from ion_core.tools.seen import Seen
from ion_core.tools.truncate import clip
from ion_core.tools.write import like

_SHORT_CHARS = 4_000


class Told(NamedTuple):
    """What is said of a patch that was applied."""

    content: str
    summary: str
    diff: str


class _Plan(Struct):
    """What becomes of one file: ``text`` None means that it goes. ``source`` is where it was, when
    it moves."""

    document: Document
    text: str | None
    source: Document | None = None


class Changes:
    """The changes of one patch, in the order of its sections."""

    def __init__(self, workspace: Workspace, seen: Seen) -> None:
        self._workspace, self._seen = workspace, seen
        self._plans: dict[Path, _Plan] = {}
        self._notes: list[str] = []

    def plan(self, section: Section) -> None:
        """Take one section in. Raises what says why it cannot be done; nothing is written yet."""
        match section:
            case Add(path, text):
                real = self._workspace.resolve(path, "write")
                plan = self._plans.setdefault(real, _Plan(self._document(real), None))
                plan.text = like(plan.document, text)
            case Delete(path):
                self._deleted(path)
            case Update(path, move_to, hunks):
                plan = self._existing(path)
                shown = plan.document.shown
                try:
                    plan.text, notes = patched(plan.text or "", hunks)
                except NoMatch as error:
                    raise NoMatch(f"{shown}: {error}") from error
                self._notes += [f"{shown}: {note}. Check it." for note in notes]
                if move_to:
                    self._move(plan, move_to)
            case _:
                assert_never(section)

    def _deleted(self, path: str) -> None:
        try:
            self._existing(path).text = None
        except NotText:  # it goes as it is
            real = self._workspace.resolve(path, "write")
            document = Document.unread(real, self._shown(real))
            self._plans[real] = _Plan(document, None)

    def _existing(self, path: str) -> _Plan:
        """The plan of a file that is there, or will be by an earlier section."""
        real = self._workspace.resolve(path, "write")
        if os.path.islink(os.path.join(self._workspace.root, path)):
            raise PathRefused(f"{path} is a link to {self._shown(real)}. Name that one.")
        known = self._plans.get(real)
        if known is None and real.exists():
            document = self._document(real)
            known = self._plans[real] = _Plan(document, document.text)
        if known is None or known.text is None:
            raise PathMissing(f"{self._shown(real)} does not exist.")
        return known

    def _move(self, plan: _Plan, move_to: str) -> None:
        real = self._workspace.resolve(move_to, "write")
        there = self._plans.get(real)
        if real == plan.document.path:
            return
        if (there.text is not None) if there else real.exists():
            raise PathRefused(
                f"{self._shown(real)} is there already; nothing may be moved over it."
            )
        moved = Document.new(real, self._shown(real))
        moved.encoding = plan.document.encoding
        self._plans[real] = _Plan(moved, plan.text, plan.document)
        plan.text = None

    def _document(self, real: Path) -> Document:
        if not real.exists():
            return Document.new(real, self._shown(real))
        document = Document.read(real, self._shown(real))
        document.check(self._seen)
        return document

    def _shown(self, real: Path) -> str:
        return self._workspace.shown(real)

    def carry_out(self) -> None:
        """Write every file, then take away those that go. Raises ``OSError``, ``FileChanged`` and
        ``NotText``, with everything as it was."""
        written = [plan for plan in self._plans.values() if plan.text is not None]
        data = [plan.document.encoded(plan.text or "") for plan in written]
        gone = [plan for plan in self._plans.values() if plan.text is None and plan.document.status]
        done: list[_Plan] = []
        try:
            for plan, content in zip(written, data, strict=True):
                rights = plan.source.status if plan.source else None
                replace_file(plan.document.path, content, plan.document.status, rights)
                done.append(plan)
            for plan in gone:
                assert plan.document.status is not None
                remove_file(plan.document.path, plan.document.status)
                done.append(plan)
        except BaseException:
            for plan in reversed(done):
                _undo(plan.document)
            raise
        for plan, content in zip(written, data, strict=True):
            self._seen.note(plan.document.path, os.stat(plan.document.path), content, plan.text)
        for plan in gone:
            self._seen.forget(plan.document.path)

    def becoming(self) -> list[Becoming]:
        """What every file is, and what it will be. Raises ``NotText``."""
        return [
            Becoming(
                path,
                plan.document.data if plan.document.status else None,
                None if plan.text is None else plan.document.encoded(plan.text),
            )
            for path, plan in self._plans.items()
        ]

    def told(self) -> Told:
        """What was done, for the model and for people."""
        rows, changes = [], []
        moved_from = {plan.source.path for plan in self._plans.values() if plan.source}
        for path, plan in self._plans.items():
            if path in moved_from or (plan.text is None and plan.document.status is None):
                continue
            change = _difference(plan)
            changes.append(change)
            rows.append(f"{_verb(plan)} {plan.document.shown} ({change.summary})")
        added, removed = sum(c.added for c in changes), sum(c.removed for c in changes)
        diff = "\n".join(change.diff for change in changes if change.diff)
        said = clip("\n".join(c.short for c in changes if c.removed and c.added), _SHORT_CHARS)
        content = "\n".join(filter(None, ["Done.", *rows, *self._notes, said]))
        return Told(content, f"+{added} −{removed}", diff)


def _difference(plan: _Plan) -> Difference:
    old = plan.source.text if plan.source else plan.document.text
    return difference(old, plan.text or "", plan.document.shown)


def _verb(plan: _Plan) -> str:
    if plan.text is None:
        return "Deleted"
    if plan.source is not None:
        return f"Moved {plan.source.shown} to"
    return "Added" if plan.document.status is None else "Updated"


def _undo(document: Document) -> None:
    """Put a file back as it was; what somebody else did meanwhile is left alone."""
    with contextlib.suppress(OSError, PathRefused):
        if document.status is None:
            os.unlink(document.path)
        elif document.path.exists():
            replace_file(document.path, document.data, os.stat(document.path), document.status)
        else:
            replace_file(document.path, document.data, None, document.status)
