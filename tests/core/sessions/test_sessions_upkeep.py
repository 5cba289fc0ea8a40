"""What is archived, thrown away and cleared away, and what never is."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from msgspec import Struct

from ion_core.errors import SessionNotFound
from ion_core.ids import EntryId, SessionId
from ion_core.messages import Image, Message, user
from ion_core.sessions import checkpoints
from ion_core.sessions.base import Append, Change
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.file_states import State
from ion_core.sessions.sqlite import SqliteStore
from ion_core.sessions.upkeep import Report, Upkeep, told
from tests.fakes.sessions import an_info, did, texts

DAY = 86_400.0
NOW = 1_764_000_000.0


class Rules(Struct, frozen=True, kw_only=True):
    archive_after_days: int = 90
    delete_after_days: int = 0
    max_size_mb: int = 0
    checkpoints_mb: int = 0


class Home:
    """A home with a store whose clock stands at ``now``."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now, self.held = folder, NOW, set[SessionId]()
        self.store: SqliteStore

    async def begun(
        self, days_ago: float, name: str, bodies: tuple[Message, ...] = ()
    ) -> SessionId:
        """A session that was last used so many days ago."""
        self.now = NOW - days_ago * DAY
        info = an_info(name)
        await self.store.create(info, [Append(body=body) for body in bodies or (user(name),)])
        self.now = NOW
        return info.id

    async def thrown(
        self, days_ago: float, name: str, bodies: tuple[Message, ...] = ()
    ) -> SessionId:
        """A session that has been in the trash for so many days."""
        session = await self.begun(days_ago, name, bodies)
        self.now = NOW - days_ago * DAY
        await self.store.commit(session, Change(deleted=True))
        self.now = NOW
        return session

    async def sql(self, statement: str, *values: object) -> None:
        await self.store.change(lambda db: db.execute(statement, values).close())

    def upkeep(self, **rules: int) -> Upkeep:
        return Upkeep(self.store, self.folder, Rules(**rules), lambda: self.now, self.held)

    async def keep(self, **rules: int) -> Report:
        upkeep = self.upkeep(**rules)
        return await upkeep.carry_out(await upkeep.plan())

    async def listed(self, **shelf: bool) -> set[str]:
        return {info.id for info in await self.store.sessions(**shelf)}

    def file(self, name: str, days_ago: float, content: bytes = b"words") -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (NOW - days_ago * DAY,) * 2)
        return path


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    home = Home(tmp_path / "home")
    home.store = await SqliteStore.open(tmp_path / "home" / "sessions.db", clock=lambda: home.now)
    yield home
    await home.store.aclose()


# sessions


async def test_what_was_not_used_for_long_leaves_the_list_and_is_kept(home: Home) -> None:
    await home.begun(91, "old")
    await home.begun(89, "new")
    report = await home.keep()
    assert [each.id for each in report.due.archive] == ["old"]
    assert await home.listed() == {"new"}
    assert await home.listed(archived=True) == {"old"}
    assert texts(await home.store.path(SessionId("old"))) == ["old"]


async def test_a_plan_changes_nothing_and_says_what_is_done(home: Home) -> None:
    await home.begun(91, "old")
    await home.thrown(31, "thrown")
    log = home.file("logs/http.jsonl", 31)
    plan = await home.upkeep().plan()
    assert await home.listed() == {"old"}
    assert log.exists()
    done = await home.upkeep().carry_out(plan)
    assert (done.due, done.files) == (plan.due, plan.files)


async def test_nothing_is_archived_when_nobody_wants_it(home: Home) -> None:
    await home.begun(900, "old")
    assert (await home.keep(archive_after_days=0)).due.archive == ()


async def test_an_archived_session_that_is_used_again_is_listed_again(home: Home) -> None:
    session = await home.begun(91, "old")
    await home.keep()
    await home.store.commit(session, Append(body=user("and now")))
    assert await home.listed() == {"old"}
    assert (await home.keep()).due.archive == ()


async def test_an_archived_session_is_thrown_away_only_when_asked(home: Home) -> None:
    await home.begun(500, "old")
    await home.keep()
    assert (await home.keep()).due.trash == ()
    assert [each.id for each in (await home.keep(delete_after_days=400)).due.trash] == ["old"]
    assert await home.listed(deleted=True) == {"old"}
    await home.store.commit(SessionId("old"), Change(deleted=False))
    assert texts(await home.store.path(SessionId("old"))) == ["old"]


async def test_the_trash_is_kept_for_thirty_days_and_then_gone(home: Home) -> None:
    many = tuple(user(f"message {number} walrus") for number in range(1_500))
    gone, kept = await home.thrown(31, "gone", many), await home.thrown(29, "kept")
    report = await home.keep()
    assert [each.id for each in report.due.purge] == [gone]
    with pytest.raises(SessionNotFound):
        await home.store.info(gone)
    assert await home.listed(deleted=True) == {kept}
    counts = await home.store.ask(
        lambda db: [
            db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("session", "entry", "branch", "entry_text")
        ]
    )
    assert counts == [1, 1, 1, 1]
    assert await home.store.search("walrus") == []


async def test_deleting_for_good_that_broke_off_is_gone_on_with(home: Home) -> None:
    from ion_core.sessions.purging import begin_purge, purge_piece

    gone = await home.thrown(31, "gone", tuple(user(str(number)) for number in range(300)))
    await home.store.change(lambda db: begin_purge(db, gone))
    await home.store.change(lambda db: purge_piece(db, gone))
    assert [each.id for each in (await home.keep()).due.purge] == [gone]
    assert await home.store.ask(lambda db: db.execute("SELECT * FROM entry").fetchall()) == []


async def test_a_session_that_is_brought_back_meanwhile_stays(home: Home) -> None:
    back = await home.thrown(31, "back")
    plan = await home.upkeep().plan()
    await home.store.commit(back, Change(deleted=False))
    assert (await home.upkeep().carry_out(plan)).due.purge == ()
    assert texts(await home.store.path(back)) == ["back"]


KEEPING = {
    "pinned": "UPDATE session SET pinned = 1 WHERE id = 'old'",
    "labelled": "INSERT INTO label SELECT id, 'good', NULL, 1 FROM entry WHERE session_id = 'old'",
    "the origin of one that lives": "UPDATE session SET parent_session_id = 'old' WHERE id = 'new'",
}


@pytest.mark.parametrize("sql", KEEPING.values(), ids=list(KEEPING))
async def test_what_matters_is_neither_archived_nor_thrown_away(home: Home, sql: str) -> None:
    await home.begun(900, "old")
    await home.begun(1, "new")
    await home.sql(sql)
    assert (await home.keep()).due.archive == ()
    await home.sql("UPDATE session SET archived = 1 WHERE id = 'old'")
    assert (await home.keep(delete_after_days=1)).due.trash == ()
    await home.sql("UPDATE session SET deleted_ms = 1 WHERE id = 'old'")
    assert (await home.keep()).due.purge == ()


async def test_what_is_open_here_is_left_alone(home: Home) -> None:
    home.held.add(await home.begun(900, "old"))
    assert (await home.keep()).due.archive == ()


async def test_what_another_ion_writes_is_left_alone_until_it_ends(home: Home) -> None:
    session = await home.begun(900, "old")
    other = await SqliteStore.open(home.folder / "sessions.db", clock=lambda: NOW)
    assert await other.take(session) is None
    assert (await home.keep()).due.archive == ()
    await home.sql("UPDATE session_lease SET pid = 2147483647")  # as if it had been killed
    assert [each.id for each in (await home.keep()).due.archive] == [session]
    await other.aclose()


# files


async def test_output_and_logs_that_nothing_needs_are_removed(home: Home) -> None:
    await home.begun(1, "mine")
    gone = [
        home.file("cache/spill/nobody/c1.txt", 2),
        home.file("cache/spill/mine/old.txt", 31),
        home.file("logs/http-2020-01-01-1.jsonl", 31),
        home.file("sessions.db.bak-1", 31),
    ]
    kept = [
        home.file("cache/spill/somebody-new/c1.txt", 0.5),
        home.file("cache/spill/mine/new.txt", 29),
        home.file("logs/http-2025-01-01-1.jsonl", 29),
        home.file("cache/settings", 400),
        home.file("config.toml", 400),
    ]
    await home.keep()
    assert [path.exists() for path in (*gone, *kept)] == [False] * 4 + [True] * 5


async def test_links_are_not_followed(home: Home, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("mine")
    home.file("cache/spill/nobody/c1.txt", 2)
    (home.folder / "cache" / "spill" / "link").symlink_to(precious)
    (home.folder / "logs").symlink_to(precious)
    os.utime(precious / "file", (1, 1))
    os.utime(home.folder / "cache" / "spill" / "link", (1, 1), follow_symlinks=False)
    await home.keep()
    assert (precious / "file").read_text() == "mine"


async def test_pictures_that_no_entry_names_are_removed(home: Home) -> None:
    blobs = Blobs(home.folder / "blobs")
    shown, long, lost, fresh = (blobs.keep(name) for name in (b"1", b"2", b"3", b"4"))
    picture = Image(media_type="image/png", sha256=shown)
    compressed = Message(role="user", parts=(Image(media_type="image/png", sha256=long),))
    filler = did("c1", "x" * 9_000)
    await home.begun(1, "mine", (Message(role="user", parts=(picture,)), compressed, filler))
    for name in (shown, long, lost):
        os.utime(home.folder / "blobs" / name[:2] / name, (NOW - 8 * DAY,) * 2)
    os.utime(home.folder / "blobs" / fresh[:2] / fresh, (NOW - 6 * DAY,) * 2)
    await home.keep()
    kept = {path.name for path in (home.folder / "blobs").glob("*/*")}
    assert kept == {shown, long, fresh}


def some_files(home: Home) -> list[Path]:
    """A picture and a long output that no session of the store names."""
    return [home.file(f"blobs/aa/{'a' * 64}", 40), home.file("cache/spill/elsewhere/c1.txt", 40)]


async def test_files_as_they_were_before_a_change_are_kept(home: Home) -> None:
    await home.begun(1, "mine")
    before, after = home.file(f"blobs/aa/{'a' * 64}", 40), home.file(f"blobs/bb/{'b' * 64}", 40)
    await home.sql("INSERT INTO checkpoint SELECT 1, session_id, id, 'edit', NULL, 1 FROM entry")
    await home.sql(
        "INSERT INTO checkpoint_file VALUES(1, '/work/a.py', ?, ?, 420, 'file')",
        bytes.fromhex("a" * 64),
        bytes.fromhex("b" * 64),
    )
    await home.keep()
    assert before.exists()
    assert after.exists()


async def test_what_a_damaged_database_may_name_is_kept(home: Home) -> None:
    files = some_files(home)
    home.file("sessions.db.broken-20260101", 40)
    await home.keep()
    assert all(path.exists() for path in files)


async def test_a_store_that_stands_in_for_the_homes_own_clears_nothing_away(home: Home) -> None:
    files = some_files(home)
    own, home.store = home.store, await SqliteStore.memory(clock=lambda: NOW)
    assert await home.upkeep().once_a_day() == ""
    await home.keep()
    await home.store.aclose()
    home.store = own
    assert all(path.exists() for path in files)


# size


async def test_above_the_limit_the_trash_does_not_wait_and_the_large_are_named(home: Home) -> None:
    noise = tuple(user(os.urandom(300_000).hex()) for _ in range(4))
    large = await home.begun(1, "large", noise)
    thrown = await home.thrown(1, "thrown", noise[:1])
    assert (await home.keep()).due.purge == ()
    report = await home.keep(max_size_mb=1)
    assert [each.id for each in report.due.purge] == [thrown]
    assert [each.id for each in report.largest] == [large]
    assert report.size_bytes > report.limit_bytes == 2**20


async def test_much_free_space_goes_back_to_the_disk(home: Home) -> None:
    noise = tuple(user(os.urandom(300_000).hex()) for _ in range(40))
    await home.thrown(31, "large", noise)
    before = (home.folder / "sessions.db").stat().st_size
    upkeep = home.upkeep()
    report = await upkeep.carry_out(await upkeep.plan(), shrink=True)
    assert (home.folder / "sessions.db").stat().st_size < before / 4
    assert report.freed_bytes > before / 2
    with closing(sqlite3.connect(home.folder / "sessions.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)


# by itself


async def test_it_happens_once_a_day_and_speaks_of_what_left_the_list(home: Home) -> None:
    await home.begun(91, "old")
    assert await home.upkeep().once_a_day() == (
        "1 session was archived, not having been used for long."
    )
    await home.begun(91, "older")
    home.now = NOW + DAY / 2
    assert await home.upkeep().once_a_day() == ""
    assert await home.listed() == {"older"}
    home.now = NOW + DAY
    assert await home.upkeep().once_a_day() != ""
    home.now = NOW + 3 * DAY
    assert await home.upkeep().once_a_day() == ""


def test_clearing_away_is_not_spoken_of() -> None:
    assert told(Report(freed_bytes=10**9)) == ""


async def test_of_what_is_kept_of_files_the_oldest_goes_first(
    home: Home,
) -> None:
    session = await home.begun(3, "a")
    blobs, head = Blobs(home.folder / "blobs"), (await home.store.path(session))[-1].id
    contents = [bytes([n]) * 600_000 for n in range(4)]
    for n, content in enumerate(contents):
        name = blobs.keep(content)
        os.utime(home.folder / "blobs" / name[:2] / name, (NOW - 2 * DAY,) * 2)
        state = State("file", bytes.fromhex(name), 0o644)
        changes = {f"/ws/{n}": (state, b"after")}
        await home.store.change(partial(record, session, head, changes))
    planned = await home.upkeep(checkpoints_mb=2).plan()
    assert len(planned.unkept.digests) == 1
    assert {path.name for path in (home.folder / "blobs").glob("*/*")} >= planned.unkept.names
    done = await home.keep(checkpoints_mb=2)
    assert done.unkept == planned.unkept
    assert not planned.unkept.names & {p.name for p in (home.folder / "blobs").glob("*/*")}
    found = await home.store.ask(lambda db: checkpoints.before(db, session, head))
    assert [found[f"/ws/{n}"].kind for n in range(4)] == ["unkept", "file", "file", "file"]
    assert [blobs.read(hashlib.sha256(each).hexdigest()) for each in contents[1:]] == contents[1:]
    assert (await home.keep(checkpoints_mb=2)).unkept.digests == ()


def record(
    session: SessionId, head: EntryId, changes: checkpoints.Changes, db: sqlite3.Connection
) -> int:
    return checkpoints.record(db, session, head, "shell", changes, NOW)
