"""The subcommands of ``ion sessions`` and their options, without any of their work.

Help must come at once (``design/interface.md``: under 150 ms), so that nothing but argparse is
imported here. Each subcommand names the module and the function that do it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TypeAlias

_FILTERS = (
    'filters: tag:NAME model:NAME folder:PART file:NAME is:error "cost>0.5" "cost<2" '
    "before:DATE after:DATE date:DATE (2025, 2025-11, 2025-11-23, today, yesterday, 7d). "
    'Words are all wanted; "a phrase" stays together; a word* begins words.'
)

Actions: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def configure(parser: argparse.ArgumentParser) -> None:
    """The subcommands: each sets ``work``, the module's and the function's name."""
    actions = parser.add_subparsers(dest="action", required=True)
    for options in (_reading, _searching, _marking, _tree, _going_back, _moving, _keeping):
        options(actions)
    for action in actions.choices.values():
        action.add_argument("--json", action="store_true", help="print JSON")


def _action(actions: Actions, name: str, work: str, text: str) -> argparse.ArgumentParser:
    """A subcommand about one session."""
    action = actions.add_parser(name, help=text)
    action.set_defaults(work=tuple(work.split(".")))
    action.add_argument("id")
    return action


def _reading(actions: Actions) -> None:
    listing = actions.add_parser("list", help="this project's sessions, newest first")
    listing.set_defaults(work=("session_list", "run"))
    listing.add_argument("--all", action="store_true", help="of every project")
    listing.add_argument("--archived", action="store_true", help="those that left the list")
    listing.add_argument("--deleted", action="store_true", help="those in the trash")
    listing.add_argument("--tag", default="", help="only those with this tag")
    listing.add_argument("--limit", type=_at_least_one, default=0, metavar="N")
    _action(actions, "show", "session_show.run", "one session, from its root to its head")


def _searching(actions: Actions) -> None:
    search = actions.add_parser("search", help="find what was said and done", epilog=_FILTERS)
    search.set_defaults(work=("session_search", "run"))
    search.add_argument("query", nargs="+", help="words, phrases in quotes, and filters")
    search.add_argument("--limit", type=_at_least_one, default=20, metavar="N")


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return min(number, 1_000)


def _marking(actions: Actions) -> None:
    rename = _action(actions, "rename", "session_marks.rename", "give a session a title")
    rename.add_argument("title", nargs="+")
    tag = _action(actions, "tag", "session_marks.tag", "show, add and remove tags")
    tag.add_argument("tags", nargs=argparse.REMAINDER, metavar="+TAG|-TAG")
    describe = _action(
        actions, "describe", "session_marks.describe", "keep a few words about a session"
    )
    describe.add_argument("text", nargs="*", help="none: forget them")
    for name, text in (
        ("pin", "list a session first, and never clear it away"),
        ("unpin", "list it by its age again"),
        ("archive", "put a session out of sight"),
        ("unarchive", "bring it back into the list"),
    ):
        _action(actions, name, "session_marks.change", text)
    _action(actions, "delete", "session_marks.delete", "put away")
    _action(actions, "restore", "session_marks.restore", "bring a deleted session back")


def _tree(actions: Actions) -> None:
    _action(actions, "tree", "session_tree.tree", "every entry of a session, branch by branch")
    _action(actions, "branches", "session_tree.branches", "the branches of a session")
    switch = _action(actions, "switch", "session_tree.switch", "go on at the tip of another branch")
    switch.add_argument("branch")
    branch = _action(actions, "branch", "session_tree.rename", "give a branch another name")
    branch.add_argument("old")
    branch.add_argument("new")
    label = _action(actions, "label", "session_tree.label", "put a word on an entry")
    label.add_argument("entry")
    label.add_argument("label")
    label.add_argument("--remove", action="store_true", help="take it away")
    fork = _action(actions, "fork", "session_tree.fork", "a new session from an entry of this one")
    fork.add_argument("--at", metavar="ENTRY", help="the last entry that is copied (the head)")
    fork.add_argument("--name", default="", help="the title of the new session")


def _going_back(actions: Actions) -> None:
    rewind = _action(
        actions, "rewind", "session_rewind.run", "go back to before a message, files too"
    )
    where = rewind.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", metavar="ENTRY", help="a message of yours: just before it")
    where.add_argument("--redo", action="store_true", help="take back the last going back")
    scope = rewind.add_mutually_exclusive_group()
    for name in ("files", "conversation", "both"):
        scope.add_argument(f"--{name}", dest="scope", action="store_const", const=name)
    rewind.add_argument(
        "--overwrite", action="append", default=[], metavar="PATH", help="also if changed since"
    )
    rewind.add_argument("--yes", action="store_true", help="do not ask")
    rewind.set_defaults(scope="both")


def _moving(actions: Actions) -> None:
    export = _action(actions, "export", "session_export.export", "a session as a file")
    export.add_argument(
        "--format",
        choices=("jsonl", "md", "html"),
        help="jsonl: all of it, for import; md and html: to be read (default: by FILE's name)",
    )
    export.add_argument("--output", type=Path, metavar="FILE", help="default: standard output")
    export.add_argument(
        "--redact", action="store_true", help="leave out keys, tokens and the home folder"
    )
    export.add_argument("--branch", default="", metavar="NAME", help="this branch alone")
    for flag, text in (("--from", "begin with this entry"), ("--to", "end with this entry")):
        export.add_argument(flag, dest=flag[2:] + "_", metavar="ENTRY", help=text)
    export.add_argument("--force", action="store_true", help="overwrite FILE")
    taking = actions.add_parser("import", help="a session from a file of ion or of another agent")
    taking.set_defaults(work=("session_import", "take"))
    taking.add_argument("file", type=Path, metavar="FILE")


def _keeping(actions: Actions) -> None:
    gc = actions.add_parser("gc", help="archive what is old and clear away what is left over")
    gc.set_defaults(work=("session_gc", "run"))
    gc.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    repair = actions.add_parser("repair", help="check the database, and mend what is wrong in it")
    repair.add_argument("--check", action="store_true", help="say what is wrong; change nothing")
