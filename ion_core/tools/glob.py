"""The ``glob`` tool: files whose path fits a pattern, without what ``.gitignore`` leaves out."""

from __future__ import annotations

from contextlib import aclosing
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.paths import PathRefused
from ion_core.tools.pattern import BadPattern, compiled
from ion_core.tools.ripgrep import Ripgrep, RipgrepFailed, asks_for_hidden
from ion_core.tools.sieve import Sieve
from ion_core.tools.truncate import clip

MOST_FILES = 1_000


class GlobArgs(Struct, frozen=True):
    """Which files to find."""

    example: ClassVar[dict[str, Any]] = {"pattern": "src/**/*.py"}

    pattern: str
    path: Annotated[str, Meta(description="folder to look in")] = "."


class Glob:
    """Finds files by a pattern."""

    name = "glob"
    description = (
        "Find files by path pattern, such as **/*.py or src/**/*.{ts,tsx}. Files that git ignores "
        "and hidden ones are left out; a pattern that names a hidden part finds those too."
    )
    args: type[Struct] = GlobArgs
    effect: Effect = "read"

    def __init__(self, ripgrep: Ripgrep) -> None:
        self._ripgrep = ripgrep

    def target(self, args: GlobArgs) -> str:
        return args.pattern

    def timeout_s(self, args: GlobArgs) -> float:
        return 30.0

    async def run(self, args: GlobArgs, ctx: ToolContext) -> Outcome:
        try:
            folder = ctx.workspace.resolve(args.path, "list")
            wanted = compiled(args.pattern.removeprefix(f"{folder}/"))
            found: list[str] = []
            hidden = asks_for_hidden(args.pattern)
            sieve = Sieve(ctx.hides, folder)
            async with aclosing(self._ripgrep.files(folder, hidden=hidden)) as files:
                async for file in files:
                    if wanted.fullmatch(file) and sieve.passes(file):
                        found.append(ctx.workspace.shown(folder / file))
                    if len(found) > MOST_FILES:
                        break
        except (PathRefused, BadPattern, RipgrepFailed, OSError) as error:
            return failed(reason(error), args.pattern)
        return _outcome(args.pattern, found, sieve.note)


def _outcome(pattern: str, found: list[str], kept_back: str) -> Outcome:
    if not found:
        content = f"No file fits {pattern}.{kept_back}"
        return Outcome(content=content, display=Display(target=pattern, summary="no files"))
    shown = found[:MOST_FILES]
    more = len(found) > MOST_FILES
    note = f"\n[the first {MOST_FILES:,}; there are more: use a narrower pattern]" if more else ""
    summary = f"{len(shown):,}{'+' * more} file{'s' * (len(shown) != 1)}"
    content = clip("\n".join(shown)) + note + kept_back
    return Outcome(content=content, display=Display(target=pattern, summary=summary))
