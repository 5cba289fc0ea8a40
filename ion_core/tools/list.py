"""The ``list`` tool: what is in a folder, without what ``.gitignore`` leaves out."""

from __future__ import annotations

import os
from contextlib import aclosing, suppress
from pathlib import Path
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.paths import PathRefused
from ion_core.tools.ripgrep import Ripgrep, RipgrepFailed
from ion_core.tools.sieve import Sieve
from ion_core.tools.truncate import clip

MOST_LINES = 1_000


class ListArgs(Struct, frozen=True):
    """Which folder to list."""

    example: ClassVar[dict[str, Any]] = {"path": "src", "depth": 2}

    path: str = "."
    depth: Annotated[int, Meta(ge=1, le=10)] = 1
    hidden: bool = False


class List:
    """Lists a folder."""

    name = "list"
    description = (
        "List a folder as a tree, depth levels deep; deeper folders come with the number of their "
        "files. Ignored files are left out, hidden ones too unless asked for."
    )
    args: type[Struct] = ListArgs
    effect: Effect = "read"

    def __init__(self, ripgrep: Ripgrep) -> None:
        self._ripgrep = ripgrep

    def target(self, args: ListArgs) -> str:
        return args.path

    def timeout_s(self, args: ListArgs) -> float:
        return 30.0

    async def run(self, args: ListArgs, ctx: ToolContext) -> Outcome:
        tree = Tree(args.depth)
        try:
            folder = ctx.workspace.resolve(args.path, "list")
            sieve = Sieve(ctx.hides, folder)
            async with aclosing(self._ripgrep.files(folder, hidden=args.hidden)) as files:
                async for file in files:
                    if sieve.passes(file):
                        tree.add(file)
            tree.add_others(folder, args.hidden, sieve)
        except (PathRefused, RipgrepFailed, OSError) as error:
            return failed(reason(error), args.path)
        return _outcome(ctx.workspace.shown(folder), tree, sieve.note)


class Tree:
    """Names by folder, down to a depth; deeper files are only counted."""

    def __init__(self, depth: int) -> None:
        self._depth = depth
        self._folders: dict[str, Tree] = {}
        self._notes: dict[str, str] = {}
        self.files = 0

    def add(self, path: str) -> None:
        """A file, by its path below this folder."""
        self.files += 1
        name, slash, rest = path.partition("/")
        if not self._depth:
            return
        if not slash:
            self._notes[name] = ""
            return
        if name not in self._folders:
            self._folders[name] = Tree(self._depth - 1)
        self._folders[name].add(rest)

    def add_others(self, folder: Path, hidden: bool, sieve: Sieve) -> None:
        """Links and empty folders, which a list of files does not tell of."""
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.startswith(".") and not hidden:
                    continue
                if entry.is_file(follow_symlinks=False) or not sieve.passes(entry.name):
                    continue
                if entry.is_symlink():
                    self._notes[entry.name] = f" -> {os.readlink(entry.path)}"
                elif entry.is_dir() and entry.name not in self._folders and _is_empty(entry.path):
                    self._notes[entry.name] = "/ (empty)"

    def lines(self, indent: str = "") -> list[str]:
        """One line a name: folders first, each followed by what is in it."""
        lines = []
        for name, tree in sorted(self._folders.items()):
            count = f" ({tree.files:,} file{'s' * (tree.files != 1)})" if not tree._depth else ""
            lines.append(f"{indent}{name}/{count}")
            lines += tree.lines(f"{indent}  ")
        return lines + [f"{indent}{name}{note}" for name, note in sorted(self._notes.items())]


def _is_empty(folder: str) -> bool:
    with suppress(OSError), os.scandir(folder) as entries:
        return next(entries, None) is None
    return False


def _outcome(shown: str, tree: Tree, kept_back: str) -> Outcome:
    lines = tree.lines()
    summary = f"{tree.files:,} file{'s' * (tree.files != 1)}"
    if not lines:
        content = f"{shown} has no files, except perhaps hidden or ignored ones.{kept_back}"
        return Outcome(content=content, display=Display(target=shown, summary="empty"))
    content = clip("\n".join(lines[:MOST_LINES]))
    if len(lines) > MOST_LINES:
        content += f"\n[the first {MOST_LINES:,} of {len(lines):,} lines: list a deeper folder]"
    content += kept_back
    return Outcome(content=content, display=Display(target=shown, summary=summary))
