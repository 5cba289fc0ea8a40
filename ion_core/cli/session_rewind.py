"""``ion sessions rewind``: go back to before a message, after a look at what that changes."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from ion_core.agent.branch import asked
from ion_core.agent.going_back import GoingBack, Plan
from ion_core.agent.keeping import Keeping
from ion_core.cli.saying import print_json, print_safely
from ion_core.config.paths import ion_home
from ion_core.errors import ConfigError, SessionBusy
from ion_core.ids import EntryId, SessionId
from ion_core.known_secrets import hidden, known_secrets
from ion_core.rewinding import Preview, Rewound
from ion_core.sandbox.stand_ins import StandIns
from ion_core.sessions.base import SessionInfo
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.checkpoints import Cause
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.sqlite import SqliteStore
from ion_core.tools.paths import Workspace


async def run(store: SqliteStore, options: argparse.Namespace) -> None:
    """Show what would be done, ask, and do it."""
    info = await store.info(SessionId(options.id))
    if (writer := await store.writer(info.id)) is not None:
        raise SessionBusy(f"Process {writer.pid} has this session open. Close it there first.")
    root = str(Path(info.cwd).resolve())
    blobs = Blobs(ion_home() / "blobs")
    await _settled(store, blobs, info, Path(root))
    files = GoingBack(store, blobs, info.id, (root,), time.time)
    if options.redo:
        last, plan = await files.undone()
        shown = Preview(to=last.entry, files=plan.files, gaps=plan.gaps)
        done = await _agreed(files, plan, "redo", last.entry, shown, options)
        if done is not None and last.cause != "files":
            await store.commit(info.id, MoveHead(to=last.entry))
    else:
        done = await _rewind(store, files, info, options)
    if done is not None:
        _tell(info, done, options)


async def _settled(store: SqliteStore, blobs: Blobs, info: SessionInfo, root: Path) -> None:
    """Record what a command changed whose end no ion saw."""
    note = ion_home() / "cache" / "unsettled" / info.id
    if note.exists():
        StandIns(ion_home() / "cache" / "sandbox").sweep()
        work = Workspace(root=root)
        keeping = Keeping(store, blobs, info.id, work, lambda: False, time.time, note)
        await keeping.settle()


async def _rewind(
    store: SqliteStore, files: GoingBack, info: SessionInfo, options: argparse.Namespace
) -> Rewound | None:
    entry, path = EntryId(options.to), await store.path(info.id)
    said = asked(path, entry)
    plan = await files.to(entry)
    if options.scope == "conversation":
        plan = Plan({}, (), ())
    gone = len(path) - [known.id for known in path].index(entry)
    shown = Preview(
        to=entry,
        prompt=said.body.text,
        entries=0 if options.scope == "files" else gone,
        files=plan.files,
        gaps=plan.gaps,
    )
    done = await _agreed(files, plan, options.scope, path[-1].id, shown, options)
    if done is not None and options.scope != "files":
        await store.commit(info.id, MoveHead(to=said.parent))
    return None if done is None else msgspec.structs.replace(done, prompt=said.body.text)


async def _agreed(
    files: GoingBack,
    plan: Plan,
    cause: Cause,
    head: EntryId,
    shown: Preview,
    options: argparse.Namespace,
) -> Rewound | None:
    """What was done; None where the person said no. Raises ``ConfigError`` when nobody is asked."""
    if not options.json:
        print_safely("\n".join(_prose(shown)))
    if not options.yes:
        if not sys.stdin.isatty():
            raise ConfigError("Nobody can be asked here. Add --yes to do it.")
        print("Do it? [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            return None
    done = await files.restore(plan, cause, head, options.overwrite)
    return msgspec.structs.replace(done, gaps=shown.gaps)


def _prose(shown: Preview) -> Sequence[str]:
    lines = [f"Leaves {shown.entries} entries of the conversation."] if shown.entries else []
    for each in shown.files:
        kept = f"  (kept: {each.conflict} --overwrite {each.path})" if each.conflict else ""
        lines += [f"{each.action:<6} {each.path}{kept}", *each.diff.splitlines()]
    return [*lines, *shown.gaps] or ["Nothing is changed."]


def _tell(info: SessionInfo, done: Rewound, options: argparse.Namespace) -> None:
    if options.json:
        secrets = known_secrets(ion_home(), Path.cwd())
        facts: Any = hidden(msgspec.to_builtins(done), secrets)
        print_json({"session": info.id, **facts})
        return
    lines = [f"Restored: {len(done.restored)} files."] + [f"Kept {each}" for each in done.kept]
    print_safely("\n".join(lines))
