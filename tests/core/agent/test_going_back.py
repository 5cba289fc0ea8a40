"""Files that are restored: killed in the middle, and while another ion writes the session."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ion_core.agent import going_back
from ion_core.agent.going_back import GoingBack
from ion_core.agent.keeping import Keeping
from ion_core.agent.plan import Planned
from ion_core.errors import SessionBusy
from ion_core.ids import EntryId, new_session_id
from ion_core.messages import ToolCall, user
from ion_core.sessions.base import Append, SessionInfo
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.sqlite import SqliteStore
from ion_core.tools.paths import Workspace

PLAN = Planned(call=ToolCall(id="c", name="bash", arguments={}))


@dataclass
class Place:
    """A session whose command changed three files."""

    ws: Path
    path: Path
    store: SqliteStore
    keeping: Keeping
    head: EntryId

    def back(self) -> GoingBack:
        keeping = self.keeping
        return GoingBack(self.store, keeping.blobs, keeping.session, keeping.roots, keeping.clock)

    def held(self) -> dict[str, str]:
        return {each.name: each.read_text() for each in self.ws.iterdir()}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    ws = tmp_path / "ws"
    ws.mkdir()
    store, blobs = await SqliteStore.open(tmp_path / "s.db"), Blobs(tmp_path / "blobs")
    session = new_session_id()
    info = SessionInfo(id=session, project="p", cwd=str(ws), created_at=1, updated_at=1)
    (said,) = await store.create(info, [Append(body=user("go"))], hold=True)
    work, note = Workspace(root=ws), tmp_path / "note"
    keeping = Keeping(store, blobs, session, work, lambda: False, lambda: 2.0, note)
    for name in "abc":
        (ws / name).write_text("before")
    async with keeping.around(PLAN, said.id):
        for name in "abc":
            (ws / name).write_text("after")
    yield Place(ws, tmp_path / "s.db", store, keeping, said.id)
    await store.aclose()


async def test_a_restore_that_was_killed_can_be_taken_back_and_done_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, done = going_back.put_back, list[str]()

    def killed(path: str, *args: Any) -> str:
        if len(done) == 2:
            (place.ws / f".ion-{ended_pid()}-0123abcd").write_text("half")
            raise KeyboardInterrupt
        done.append(path)
        return real(path, *args)

    monkeypatch.setattr(going_back, "put_back", killed)
    plan = await place.back().to(place.head)
    with pytest.raises((KeyboardInterrupt, BaseExceptionGroup)):
        await place.back().restore(plan, "files", place.head)
    assert sorted(place.held().values()) == ["after", "before", "before", "half"]
    monkeypatch.setattr(going_back, "put_back", real)
    _, undo = await place.back().undone()
    assert (await place.back().restore(undo, "redo", place.head)).kept == ()
    assert place.held() == dict.fromkeys("abc", "after")
    again = await place.back().to(place.head)
    assert (await place.back().restore(again, "files", place.head)).kept == ()
    assert place.held() == dict.fromkeys("abc", "before")


def ended_pid() -> int:
    """The number of a process that is no more."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


async def test_whoever_lost_the_session_records_and_restores_nothing(place: Place) -> None:
    other = await SqliteStore.open(place.path)
    assert await other.take(place.keeping.session, over=True) is None
    plan = await place.back().to(place.head)
    with pytest.raises(SessionBusy):
        await place.back().restore(plan, "files", place.head)
    assert place.held() == dict.fromkeys("abc", "after")
    async with place.keeping.around(PLAN, place.head):  # its result is not hidden
        (place.ws / "a").write_text("later")
    found = await place.back().to(place.head)
    assert {change.path: change.conflict for change in found.files}[f"{place.ws}/a"]
    await other.aclose()
