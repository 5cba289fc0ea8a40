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


def configure(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The subcommands."""
    for name, verb, text in (
        ("tree", _tree, "every entry of a session, branch by branch"),
        ("branches", _branches, "the branches of a session"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("id")
        action.set_defaults(verb=verb)
    switch = actions.add_parser("switch", help="go on at the tip of another branch")
    switch.add_argument("id")
    switch.add_argument("branch")
    switch.set_defaults(verb=_switch)
    branch = actions.add_parser("branch", help="give a branch another name")
    branch.add_argument("id")
    branch.add_argument("old")
    branch.add_argument("new")
    branch.set_defaults(verb=_branch)
    label = actions.add_parser("label", help="put a word on an entry")
    label.add_argument("id")
    label.add_argument("entry")
    label.add_argument("label")
    label.add_argument("--remove", action="store_true", help="take it away")
    label.set_defaults(verb=_label)
    fork = actions.add_parser("fork", help="a new session from an entry of this one")
    fork.add_argument("id")
    fork.add_argument("--at", metavar="ENTRY", help="the last entry that is copied (the head)")
    fork.add_argument("--name", default="", help="the title of the new session")
    fork.set_defaults(verb=_fork)


async def _tree(store: SqliteStore, options: argparse.Namespace) -> None:
    info = await store.info(SessionId(options.id))
    tree = await store.tree(info.id)
    secrets = known_secrets(ion_home(), Path.cwd())
    if options.json:
        print_json({"session": info.id, **hidden(msgspec.to_builtins(tree), secrets)})
    else:
        print_safely(without("\n".join(lines(tree)), secrets))


async def _branches(store: SqliteStore, options: argparse.Namespace) -> None:
    info = await store.info(SessionId(options.id))
    branches = await store.branches(info.id)
    if options.json:
        print_json({"session": info.id, "branches": [msgspec.to_builtins(b) for b in branches]})
    else:
        print_safely("\n".join(map(_row, branches)))


def _row(branch: Branch) -> str:
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(branch.moved_at))
    return f"{'*' if branch.active else ' '} {when}  {branch.tip or '(start)':<8}  {branch.name}"


async def _switch(store: SqliteStore, options: argparse.Namespace) -> None:
    info = await store.info(SessionId(options.id))
    await store.commit(info.id, SwitchBranch(name=options.branch))
    say(options, info, f"On branch {options.branch}.", branch=options.branch)


async def _branch(store: SqliteStore, options: argparse.Namespace) -> None:
    info = await store.info(SessionId(options.id))
    await store.commit(info.id, NameBranch(old=options.old, name=options.new))
    say(options, info, f"{options.old} is {options.new} now.", branch=options.new)


async def _label(store: SqliteStore, options: argparse.Namespace) -> None:
    info, entry = await store.info(SessionId(options.id)), EntryId(options.entry)
    on = not options.remove
    await store.commit(info.id, Label(entry=entry, label=options.label, on=on))
    told = f"{entry} is labelled {options.label}." if on else f"{entry} has no such label now."
    say(options, info, told, entry=entry, label=options.label, on=on)


async def _fork(store: SqliteStore, options: argparse.Namespace) -> None:
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
