"""Where the values of one transcript go: its sessions, found again or made, and what is in them.

Each method but the constructor runs inside a transaction on the writer's thread. Ids from outside
are prefixed by the format and the session, so that no two transcripts share one.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ion_core.ids import SessionId
from ion_core.messages import Message
from ion_core.sessions.importers.base import (
    Bad,
    Began,
    Found,
    Labelled,
    LeftOut,
    Named,
    Paid,
)
from ion_core.sessions.moving.landing import Landing
from ion_core.sessions.moving.lines import Branch, Described, Header, Label, UsageLine
from ion_core.sessions.moving.packed import Packed
from ion_core.sessions.moving.placing import Foreign, Placing
from ion_core.sessions.project import project_id
from ion_core.sessions.rows import split_model
from ion_core.sessions.schema import VERSION
from ion_core.sessions.wording import preview_of, title_of
from ion_core.usage import Usage

Other: TypeAlias = Paid | Named | Labelled | LeftOut | Bad
Value: TypeAlias = tuple[Found, Packed] | Began | Other
"""What stands in a file; an entry with its body as the store keeps it."""

TOLD = 100
"""Bad lines that are told one by one; the others are counted."""


class Taken(Struct, frozen=True, kw_only=True):
    """What came of an import: its sessions in the file's order, how many entries were added, how
    many lines are bad (``bad`` tells the first of them), and how many were left out, by sort."""

    sessions: tuple[SessionId, ...]
    entries: int
    skipped: int
    bad: tuple[Bad, ...]
    left_out: dict[str, int]


class Intake:
    """``format`` names the importer; ``cwd`` is where sessions live whose folder is not here."""

    def __init__(self, format: str, version: str, cwd: Path) -> None:
        self._format, self._version, self._cwd = format, version, cwd
        self._open: _Open | None = None
        self._sessions: list[SessionId] = []
        self._left_out: Counter[str] = Counter()
        self._bad: list[Bad] = []
        self._entries = self._skipped = 0

    def place(self, db: sqlite3.Connection, values: Sequence[Value]) -> None:
        """The next values of the file."""
        if self._open:
            self._open.begin(db, _entries(values, 0))
        for at, value in enumerate(values):
            if isinstance(value, tuple):
                self._found(db, *value)
            elif isinstance(value, Began):
                self._begin(db, value, _entries(values, at + 1))
            else:
                self._take(value)
        self._write(db)

    def finish(self, db: sqlite3.Connection) -> None:
        """The file is at its end."""
        self._write(db)
        if self._open:
            self._entries += self._open.finish(db)
        self._open = None

    def _write(self, db: sqlite3.Connection) -> None:
        if self._open:
            for line, wrong in self._open.write(db):
                self._tell(Bad(line=line, reason=wrong))

    @property
    def taken(self) -> Taken:
        """After :meth:`finish`: what came of it."""
        return Taken(
            sessions=tuple(self._sessions),
            entries=self._entries,
            skipped=self._skipped,
            bad=tuple(self._bad),
            left_out=dict(self._left_out),
        )

    def _begin(self, db: sqlite3.Connection, began: Began, entries: Sequence[str]) -> None:
        self.finish(db)
        self._open = _Open(db, self._format, began, self._version, self._cwd)
        self._open.begin(db, entries)
        self._sessions.append(self._open.session)

    def _found(self, db: sqlite3.Connection, entry: Found, body: Packed) -> None:
        if self._open and (wrong := self._open.found(db, entry, body)):
            self._tell(Bad(line=entry.line, reason=wrong))

    def _take(self, value: Other) -> None:
        match value:
            case LeftOut(what=what):
                self._left_out[what] += 1
            case Bad():
                self._tell(value)
            case Paid() if self._open:
                self._open.paid.append(value)
            case Named() if self._open:
                self._open.named = value
            case Labelled() if self._open:
                self._open.labels.append(value)

    def _tell(self, bad: Bad) -> None:
        self._skipped += 1
        if len(self._bad) < TOLD:
            self._bad.append(bad)


class _Open:
    """The session that is being filled."""

    def __init__(
        self, db: sqlite3.Connection, format: str, began: Began, version: str, cwd: Path
    ) -> None:
        self._prefix, self._cwd = f"{format}:{began.key}:", cwd
        self.session = session_of(format, began)
        self._header = _header(self.session, began, version, cwd)
        self._landing = Landing(self._header, cwd)
        self._landing.begin(db)
        self._counted = (0, 0)
        self._words = self._last = self._model = ""
        self._spent, self._cost, self._priced = Usage(), 0, True
        self._updated = began.at
        self.paid: list[Paid] = []
        self.named: Named | None = None
        self.labels: list[Labelled] = []

    @property
    def _placing(self) -> Placing:
        return self._landing.placing

    def found(self, db: sqlite3.Connection, entry: Found, body: Packed) -> str:
        self._describe(entry)
        ext, parent = self._prefix + entry.id, entry.parent and self._prefix + entry.parent
        at_ms = round(entry.at * 1000)
        wrong = self._placing.place(db, Foreign(entry.line, ext, parent, at_ms, body))
        self._last = ext
        return wrong

    def _describe(self, entry: Found) -> None:
        body = entry.body
        if not isinstance(body, Message) or body.role == "tool":
            return
        self._updated = max(self._updated, entry.at)
        if body.role == "user":
            self._words = self._words or body.text
        elif body.origin:
            self._model = f"{body.origin.provider}/{body.origin.model}"

    def begin(self, db: sqlite3.Connection, entries: Sequence[str] = ()) -> None:
        """A transaction begins, with these entries or some of them."""
        self._placing.begin(db, [self._prefix + entry for entry in entries])

    def write(self, db: sqlite3.Connection) -> list[tuple[int, str]]:
        """Write and count what this transaction found; the lines that were refused, and why."""
        refused = self._placing.write(db)
        self._pay(db)
        added, asked = self._placing.added, self._placing.asked
        self._landing.count(db, added - self._counted[0], asked - self._counted[1])
        self._counted = added, asked
        return refused

    def _pay(self, db: sqlite3.Connection) -> None:
        paid, self.paid = self.paid, []
        self._spent += sum((each.usage for each in paid), Usage())
        self._cost += sum(each.cost_nano or 0 for each in paid)
        self._priced = self._priced and all(each.cost_nano is not None for each in paid)
        lines = [
            UsageLine(
                entry=self._prefix + each.entry,
                purpose="turn",
                provider=each.provider,
                model=each.model,
                usage=each.usage,
                cost_nano=each.cost_nano,
                at=each.at,
            )
            for each in paid
        ]
        self._landing.pay(db, lines)

    def finish(self, db: sqlite3.Connection) -> int:
        """Give the session what is known only at its end; how many entries were added."""
        ending = Landing(self._ending(), self._cwd)
        ending.placing = self._placing
        ending.begin(db)
        ending.finish(db)
        if self._model:
            db.execute(
                "UPDATE session SET provider = ?, model = ? WHERE id = ? AND model = ''",
                (*split_model(self._model), self.session),
            )
        return self._placing.added

    def _ending(self) -> Header:
        title = self.named.title if self.named else title_of(self._words)
        told = replace(
            self._header.session,
            title=title or None,
            title_source="user" if self.named and self.named.by_person else "auto",
            preview=preview_of(self._words) or None,
            updated_at=self._updated,
            usage=self._spent,
            cost_nano=self._cost,
            cost_known=self._priced,
        )
        began = self._header.session.created_at
        main = Branch(
            name="main", leaf=self._last or None, created_at=began, updated_at=self._updated
        )
        labels = tuple(
            Label(entry=self._prefix + each.entry, label=each.label, at=each.at)
            for each in self.labels
        )
        return replace(self._header, session=told, branches=(main,), labels=labels)


def _entries(values: Sequence[Value], at: int) -> list[str]:
    """The ids of the entries from a place on, up to where another session begins."""
    following = (values[index] for index in range(at, len(values)))
    inside = takewhile(lambda value: not isinstance(value, Began), following)
    return [value[0].id for value in inside if isinstance(value, tuple)]


def session_of(format: str, began: Began) -> SessionId:
    """The id of a session here: always the same one, made like a UUID of version 7 from when it
    began and what it is called there."""
    digest = int.from_bytes(hashlib.sha256(f"{format}:{began.key}".encode()).digest()[:10], "big")
    high = int(began.at * 1000) << 16 | 0x7000 | digest & 0xFFF
    low = 0b10 << 62 | digest >> 12 & (1 << 62) - 1
    text = f"{high:016x}{low:016x}"
    return SessionId(f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}")


def _header(session: SessionId, began: Began, version: str, cwd: Path) -> Header:
    here = Path(began.cwd) if began.cwd and Path(began.cwd).is_dir() else cwd
    told = Described(
        id=session,
        project=project_id(here),
        cwd=str(here),
        git_branch=began.git_branch,
        kind="import",
        created_at=began.at,
        updated_at=began.at,
    )
    return Header(schema=VERSION, version=version, session=told, entries=0)
