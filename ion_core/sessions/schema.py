"""The tables of the session database, and the check that a file holds them.

Version 1 stands here, with every table; what later versions add is in ``migrations.py``. A file is
prepared in one transaction or not at all, and is never deleted or emptied.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable

from ion_core.errors import StoreCorrupt, StoreError, StoreTooNew

VERSION = 2
APPLICATION_ID = 1768910446
"""The bytes ``ionn`` in the header of the file, so that another program's file is recognised."""

OLDEST_SQLITE = (3, 37, 0)
"""STRICT tables: https://www.sqlite.org/stricttables.html."""

PATIENCE_S = 5.0

STATEMENTS = (
    """CREATE TABLE session(
  id TEXT PRIMARY KEY,                 -- UUIDv7, sorts by creation
  project_id TEXT NOT NULL,
  cwd TEXT NOT NULL, git_branch TEXT, git_head TEXT,
  title TEXT, title_source TEXT NOT NULL DEFAULT 'auto', description TEXT, preview TEXT,
  kind TEXT NOT NULL DEFAULT 'main'
    CHECK(kind IN('main','subagent','fork','handoff','import')),
  parent_session_id TEXT REFERENCES session(id) ON DELETE SET NULL, parent_entry_id INTEGER,
  active_branch_id INTEGER, provider TEXT, model TEXT, mode TEXT, agent TEXT,
  created_ms INTEGER NOT NULL,
  updated_ms INTEGER NOT NULL,         -- of the last user or assistant message
  n_entries INTEGER NOT NULL DEFAULT 0, n_user INTEGER NOT NULL DEFAULT 0,
  tok_in INTEGER NOT NULL DEFAULT 0, tok_out INTEGER NOT NULL DEFAULT 0,
  tok_cache_r INTEGER NOT NULL DEFAULT 0, tok_cache_w INTEGER NOT NULL DEFAULT 0,
  cost_nano INTEGER NOT NULL DEFAULT 0,
  cost_known INTEGER NOT NULL DEFAULT 1,  -- 0 once something had an unknown price
  pinned INTEGER NOT NULL DEFAULT 0, archived INTEGER NOT NULL DEFAULT 0, deleted_ms INTEGER,
  ion_version TEXT, meta TEXT NOT NULL DEFAULT '{}') STRICT""",
    """CREATE INDEX session_recent ON session(archived, updated_ms DESC)
  WHERE deleted_ms IS NULL""",
    """CREATE INDEX session_project ON session(project_id, archived, updated_ms DESC)
  WHERE deleted_ms IS NULL""",
    "CREATE INDEX session_parent ON session(parent_session_id)",
    """CREATE TABLE entry(
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  parent_id INTEGER REFERENCES entry(id) ON DELETE CASCADE,
  depth INTEGER NOT NULL,              -- 0 at a root
  jump_id INTEGER,                     -- an ancestor further up; null at a root
  type TEXT NOT NULL, role TEXT,
  ts_ms INTEGER NOT NULL, turn INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'final'
    CHECK(status IN('final','partial','aborted','indeterminate')),
  tool TEXT, call_id TEXT, is_error INTEGER,
  provider TEXT, model TEXT, stop_reason TEXT, latency_ms INTEGER,
  tok_in INTEGER, tok_out INTEGER, tok_cache_r INTEGER, tok_cache_w INTEGER, cost_nano INTEGER,
  est_tok INTEGER NOT NULL DEFAULT 0,
  codec INTEGER NOT NULL DEFAULT 0,    -- 0: JSON, 1: zlib of JSON
  payload BLOB NOT NULL, ext_uuid TEXT) STRICT""",
    "CREATE INDEX entry_session ON entry(session_id, id)",
    "CREATE INDEX entry_parent ON entry(parent_id)",
    """CREATE UNIQUE INDEX entry_call ON entry(session_id, call_id, type, parent_id)
  WHERE call_id IS NOT NULL""",
    "CREATE UNIQUE INDEX entry_ext ON entry(ext_uuid) WHERE ext_uuid IS NOT NULL",
    """CREATE TABLE branch(
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  leaf_id INTEGER REFERENCES entry(id), base_id INTEGER REFERENCES entry(id),
  rev INTEGER NOT NULL DEFAULT 0, created_ms INTEGER NOT NULL, updated_ms INTEGER NOT NULL,
  UNIQUE(session_id, name)) STRICT""",
    """CREATE TABLE label(
  entry_id INTEGER NOT NULL REFERENCES entry(id) ON DELETE CASCADE,
  label TEXT NOT NULL, note TEXT, ts_ms INTEGER NOT NULL, PRIMARY KEY(entry_id, label)) STRICT""",
    """CREATE TABLE tag(
  session_id TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  tag TEXT NOT NULL, PRIMARY KEY(tag, session_id)) STRICT""",
    """CREATE TABLE inbox(
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  kind TEXT NOT NULL, payload BLOB NOT NULL, state TEXT NOT NULL DEFAULT 'queued',
  entry_id INTEGER, ts_ms INTEGER NOT NULL) STRICT""",
    "CREATE INDEX inbox_queued ON inbox(session_id, id) WHERE state='queued'",
    """CREATE TABLE effect(
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  entry_id INTEGER, kind TEXT NOT NULL,
  recovery TEXT NOT NULL CHECK(recovery IN('replay_safe','reconcile','never')),
  state TEXT NOT NULL, detail TEXT NOT NULL DEFAULT '{}',
  started_ms INTEGER NOT NULL, settled_ms INTEGER) STRICT""",
    "CREATE INDEX effect_open ON effect(session_id) WHERE settled_ms IS NULL",
    """CREATE TABLE blob(
  hash BLOB PRIMARY KEY, size INTEGER NOT NULL, codec INTEGER NOT NULL,
  data BLOB, path TEXT, created_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID""",
    """CREATE TABLE checkpoint(
  id INTEGER PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES session(id) ON DELETE CASCADE,
  entry_id INTEGER NOT NULL REFERENCES entry(id) ON DELETE CASCADE,
  kind TEXT NOT NULL, git_tree TEXT, ts_ms INTEGER NOT NULL) STRICT""",
    """CREATE TABLE checkpoint_file(
  checkpoint_id INTEGER NOT NULL REFERENCES checkpoint(id) ON DELETE CASCADE,
  path TEXT NOT NULL, before_hash BLOB, after_hash BLOB, mode INTEGER,
  ftype TEXT NOT NULL DEFAULT 'file', PRIMARY KEY(checkpoint_id, path)) STRICT, WITHOUT ROWID""",
    """CREATE TABLE usage_event(
  id INTEGER PRIMARY KEY, session_id TEXT NOT NULL, root_session_id TEXT NOT NULL,
  entry_id INTEGER, purpose TEXT NOT NULL, provider TEXT NOT NULL, model TEXT NOT NULL,
  tok_in INTEGER, tok_out INTEGER, tok_cache_r INTEGER, tok_cache_w INTEGER, tok_reason INTEGER,
  cost_nano INTEGER, price_id TEXT, ts_ms INTEGER NOT NULL) STRICT""",
    "CREATE INDEX usage_root ON usage_event(root_session_id, ts_ms)",
    """CREATE TABLE input_history(
  id INTEGER PRIMARY KEY, project_id TEXT NOT NULL, text TEXT NOT NULL,
  ts_ms INTEGER NOT NULL) STRICT""",
    "CREATE INDEX input_project ON input_history(project_id, id)",
    """CREATE TABLE session_lease(
  session_id TEXT PRIMARY KEY, owner TEXT NOT NULL, pid INTEGER NOT NULL, host TEXT NOT NULL,
  boot_id TEXT, started_ms INTEGER NOT NULL, fence INTEGER NOT NULL,
  expires_ms INTEGER NOT NULL) STRICT""",
    """CREATE TABLE entry_text(
  id INTEGER PRIMARY KEY, session_id TEXT NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL)""",
    """CREATE VIRTUAL TABLE entry_fts USING fts5(
  body, content='entry_text', content_rowid='id',
  tokenize="unicode61 remove_diacritics 2 tokenchars '_'", prefix='2 3')""",
    """CREATE TRIGGER entry_text_ai AFTER INSERT ON entry_text BEGIN
  INSERT INTO entry_fts(rowid, body) VALUES(new.id, new.body); END""",
    """CREATE TRIGGER entry_text_ad AFTER DELETE ON entry_text BEGIN
  INSERT INTO entry_fts(entry_fts, rowid, body) VALUES('delete', old.id, old.body); END""",
    """CREATE TRIGGER entry_ad AFTER DELETE ON entry BEGIN
  DELETE FROM entry_text WHERE id=old.id; END""",
    f"PRAGMA application_id={APPLICATION_ID}",
    "PRAGMA user_version=1",
)


def require_sqlite(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Raises ``StoreError`` when the SQLite that Python was built with is too old."""
    if version < OLDEST_SQLITE:
        have, need = (".".join(map(str, v)) for v in (version, OLDEST_SQLITE))
        raise StoreError(
            f"ion needs SQLite {need} or newer, and this Python comes with {have}. "
            "Use a newer Python, or start ion with --no-session."
        )


def prepare(db: sqlite3.Connection, place: str) -> None:
    """Make sure that ``db``, the file ``place``, holds this version's tables.

    A file that does costs three header reads; one of an older ion is migrated. Raises
    ``StoreTooNew``, or ``StoreCorrupt`` for a file of somebody else.
    """
    version = _version(db, place)
    if version == VERSION:
        return
    from ion_core.sessions import migrations  # start-up: a new file, or one of an older ion

    if version == 0:
        _use_wal(db)
        _create(db, place, migrations.advance)
    else:
        migrations.migrate(db, place, version)


def distrust_schema(db: sqlite3.Connection) -> None:
    """Let nothing that is written in the file call what is unsafe, where this SQLite can.

    SQLite 3.40 counts the full-text table that our own triggers fill as unsafe ("unsafe use of
    virtual table"); ion gives SQLite no functions of its own, so that little is lost there.
    """
    db.execute("PRAGMA trusted_schema=OFF")
    try:
        db.execute("EXPLAIN INSERT INTO entry_text(session_id, kind, body) VALUES('', '', '')")
    except sqlite3.OperationalError:
        db.execute("PRAGMA trusted_schema=ON")


def _version(db: sqlite3.Connection, place: str) -> int:
    """The version that the file holds; 0 for an empty one."""
    version, owner = _pragma(db, "user_version"), _pragma(db, "application_id")
    if owner == APPLICATION_ID and version > VERSION:
        raise StoreTooNew(
            f"{place} was written by a newer ion (its format is {version}, this one reads "
            f"{VERSION}). Update ion, or set ION_HOME to another folder."
        )
    if owner == APPLICATION_ID and version:
        return version
    if owner or version or _pragma(db, "schema_version"):
        raise StoreCorrupt(
            f"{place} is a database of another program. Move it away or set ION_HOME to another "
            "folder; ion has not changed it."
        )
    return 0


def _pragma(db: sqlite3.Connection, name: str) -> int:
    return int(db.execute(f"PRAGMA {name}").fetchone()[0])


def _use_wal(db: sqlite3.Connection) -> None:
    """Two processes that meet here may both be refused at once, whatever the busy timeout."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)


def _create(
    db: sqlite3.Connection, place: str, advance: Callable[[sqlite3.Connection, int], None]
) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if not _version(db, place):
            for statement in STATEMENTS:
                db.execute(statement)
            for step in range(2, VERSION + 1):
                advance(db, step)
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
