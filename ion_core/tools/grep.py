"""The ``grep`` tool: lines that match a regular expression, grouped by file.

The search ends as soon as there is enough, so a frequent word in a large tree is no burden.
"""

from __future__ import annotations

from contextlib import aclosing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.paths import PathRefused
from ion_core.tools.ripgrep import Ripgrep, RipgrepFailed, asks_for_hidden
from ion_core.tools.sieve import Sieve

if TYPE_CHECKING:
    from ion_core.tools.matches import Found

_GAP = b"--"  # between matches that are not neighbours


class GrepArgs(Struct, frozen=True):
    """What to search for, and where."""

    example: ClassVar[dict[str, Any]] = {"pattern": "def main", "glob": "*.py"}

    pattern: Annotated[str, Meta(description="Rust regular expression")]
    path: Annotated[str, Meta(description="folder or file")] = "."
    glob: Annotated[str, Meta(description="only such files, e.g. *.py")] = ""
    output_mode: Literal["content", "files", "count"] = "content"
    context: Annotated[int, Meta(ge=0, le=20, description="lines around a match")] = 0
    limit: Annotated[int, Meta(ge=1, le=1000, description="most matches or files")] = 100


class Grep:
    """Searches files."""

    name = "grep"
    description = (
        "Search the contents of files with ripgrep. Gives matching lines with their numbers, or "
        "the files, or counts by file. Ignored and hidden files are left out."
    )
    args: type[Struct] = GrepArgs
    effect: Effect = "read"

    def __init__(self, ripgrep: Ripgrep) -> None:
        self._ripgrep = ripgrep

    def target(self, args: GrepArgs) -> str:
        return args.pattern

    def timeout_s(self, args: GrepArgs) -> float:
        return 30.0

    async def run(self, args: GrepArgs, ctx: ToolContext) -> Outcome:
        try:
            path = ctx.workspace.resolve(args.path, "read")
            folder = path if path.is_dir() else path.parent
            found = _collector(args, ctx.workspace.shown(folder))
            # A file that is named itself was judged by its name, before.
            sieve = Sieve(ctx.hides if path == folder else None, folder)
            await self._search(args, folder, path, _Sifted(found, sieve))
        except (PathRefused, RipgrepFailed, OSError) as error:
            return failed(reason(error), args.pattern)
        return Outcome(
            content=(found.content or f"Nothing matches {args.pattern}.") + sieve.note,
            display=Display(target=args.pattern, summary=found.summary),
        )

    async def _search(self, args: GrepArgs, folder: Path, path: Path, found: _Sifted) -> None:
        file = "" if path == folder else path.name
        records = self._ripgrep.records(
            folder,
            *found.flags,
            *_only(args.glob),
            f"--regexp={args.pattern}",
            end=found.end,
            hidden=asks_for_hidden(args.glob, file),
            file=file,
        )
        async with aclosing(records):
            async for record in records:
                if not found.add(record):
                    return


class _Sifted:
    """Takes records in of the files that may be told of."""

    def __init__(self, found: Found, sieve: Sieve) -> None:
        self._found, self._sieve = found, sieve
        self._is_kept_back = False
        self.flags, self.end = found.flags, found.end

    def add(self, record: bytes) -> bool:
        if record != _GAP:
            name = record.partition(b"\0")[0].decode("utf-8", "surrogateescape")
            self._is_kept_back = not self._sieve.passes(name)
        return True if self._is_kept_back else self._found.add(record)


def _collector(args: GrepArgs, folder: str) -> Found:
    from ion_core.tools.matches import Counts, Matches, Names  # start-up: with the first search

    match args.output_mode:
        case "files":
            return Names(folder, args.limit)
        case "count":
            return Counts(folder, args.limit)
        case _:
            return Matches(folder, args.limit, args.context)


def _only(glob: str) -> tuple[str, ...]:
    """The flags that narrow a search to a pattern. A pattern of names becomes a file type: unlike
    ``--glob``, that lets ``.gitignore`` have its say."""
    name = glob.removeprefix("**/")
    if not name:
        return ()
    if "/" in name:
        return (f"--glob={glob}",)
    return (f"--type-add=wanted:{name}", "--type=wanted")
