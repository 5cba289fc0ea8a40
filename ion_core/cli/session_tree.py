"""``ion sessions tree|branches|switch|branch|label|fork``: a session's tree, from a shell."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ion_core.cli.saying import print_json, print_safely, say
from ion_core.config.paths import ion_home
from ion_core.ids import EntryId, SessionId
from ion_core.known_secrets import hidden, known_secrets
from ion_core.providers.redaction import without
from ion_core.sessions.marks import Label, NameBranch, SwitchBranch
from ion_core.sessions.sqlite import SqliteStore
from ion_core.tree_walk import drawn
from ion_core.trees import Branch, Node, SessionTree


async def tree(store: SqliteStore, options: argparse.Namespace) -> None:
    """Print every entry, branch by branch."""
    info = await store.info(SessionId(options.id))
    found = await store.tree(info.id)
    secrets = known_secrets(ion_home(), Path.cwd())
    if options.json:
        print_json({"session": info.id, **hidden(msgspec.to_builtins(found), secrets)})
    else:
        print_safely(without("\n".join(lines(found)), secrets))


async def branches(store: SqliteStore, options: argparse.Namespace) -> None:
    """Print the branches."""
    info = await store.info(SessionId(options.id))
    found = await store.branches(info.id)
    if options.json:
        print_json({"session": info.id, "branches": [msgspec.to_builtins(b) for b in found]})
    else:
        print_safely("\n".join(map(_row, found)))


def _row(branch: Branch) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(branch.moved_at))
    return f"{'*' if branch.active else ' '} {when}  {branch.tip or '(start)':<8}  {branch.name}"


async def switch(store: SqliteStore, options: argparse.Namespace) -> None:
    """Go on at the tip of another branch."""
    info = await store.info(SessionId(options.id))
    await store.commit(info.id, SwitchBranch(name=options.branch))
    say(options, info, f"On branch {options.branch}.", branch=options.branch)


async def rename(store: SqliteStore, options: argparse.Namespace) -> None:
    """Give a branch another name."""
    info = await store.info(SessionId(options.id))
    await store.commit(info.id, NameBranch(old=options.old, name=options.new))
    say(options, info, f"{options.old} is {options.new} now.", branch=options.new)


async def label(store: SqliteStore, options: argparse.Namespace) -> None:
    """Put a word on an entry, or take it away."""
    info, entry = await store.info(SessionId(options.id)), EntryId(options.entry)
    on = not options.remove
    await store.commit(info.id, Label(entry=entry, label=options.label, on=on))
    told = f"{entry} is labelled {options.label}." if on else f"{entry} has no such label now."
    say(options, info, told, entry=entry, label=options.label, on=on)


async def fork(store: SqliteStore, options: argparse.Namespace) -> None:
    """Make a new session of the path to an entry."""
    info = await store.info(SessionId(options.id))
    at = EntryId(options.at) if options.at else info.head
    forked = await store.fork(info.id, at, options.name)
    go_on = f"Go on with it: ion --resume {forked.id}"
    say(options, forked, f"Forked to {forked.id}. {go_on}", parent=info.id, at=at)


def lines(tree: SessionTree) -> list[str]:
    """The tree as lines, each with the names of the branches that end there."""
    tips: dict[EntryId | None, list[str]] = {}
    for branch in tree.branches:
        tips.setdefault(branch.tip, []).append(f"{'*' if branch.active else ''}{branch.name}")
    empty = [f"({name})" for name in tips.get(None, ())]
    rows = ("  " * level + _line(node, tips.get(node.id, ())) for node, level in drawn(tree))
    return [*empty, *rows]


def _line(node: Node, names: Sequence[str]) -> str:
    who = node.role or node.kind
    said = node.text or ", ".join(node.tools)
    marks = "".join(f"  [{label}]" for label in node.labels) + "".join(f"  ({n})" for n in names)
    return f"{node.id:<6} {who:<9} {said[:100]}{marks}"
