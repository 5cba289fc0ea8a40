"""The ``write`` tool: a whole file, new or replaced.

The file has its old content or the new one, never half of it. Bytes are written as given: UTF-8
and the line ends of ``content``.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.diff import difference
from ion_core.tools.files import open_regular, replace_file, uninterrupted
from ion_core.tools.paths import PathRefused, Workspace
from ion_core.tools.text import encoding_of

_COMPARED_BYTES = 2_000_000


class WriteArgs(Struct, frozen=True):
    """What to write, and where."""

    example: ClassVar[dict[str, Any]] = {"path": "src/app.py", "content": "print('hello')\n"}

    path: str
    content: Annotated[str, Meta(description="the whole file")]


class Write:
    """Writes a file."""

    name = "write"
    description = (
        "Create a file, or replace all of an existing one; missing folders are made. To change "
        "part of a file use edit."
    )
    args: type[Struct] = WriteArgs
    effect: Effect = "write"

    def target(self, args: WriteArgs) -> str:
        return args.path

    def timeout_s(self, args: WriteArgs) -> float:
        return 30.0

    async def run(self, args: WriteArgs, ctx: ToolContext) -> Outcome:
        try:
            return await uninterrupted(lambda: _write(args, ctx.workspace))
        except UnicodeEncodeError:
            return failed("The content holds half a character (a lone surrogate).", args.path)
        except (PathRefused, OSError) as error:
            return failed(reason(error), args.path)


def _write(args: WriteArgs, workspace: Workspace) -> Outcome:
    path = workspace.resolve(args.path, "write")
    shown = workspace.shown(path)
    data = args.content.encode()
    status, before = _before(path)
    replace_file(path, data, status)
    change = difference(before or "", args.content, shown)
    lines = args.content.count("\n") + (not args.content.endswith("\n") and bool(args.content))
    if status is None:
        content = f"Created {shown} ({lines:,} line{'s' * (lines != 1)})."
    else:
        content = f"Replaced {shown} ({change.summary}).\n{change.short}".rstrip()
    return Outcome(
        content=content,
        display=Display(target=shown, summary=change.summary, diff=change.diff),
    )


def _before(path: Path) -> tuple[os.stat_result | None, str | None]:
    """The file that will be replaced: its status, and its text when that can be compared."""
    try:
        file = open_regular(path)
    except FileNotFoundError:
        return None, None
    with file:
        status = os.fstat(file.fileno())
        data = file.read() if status.st_size <= _COMPARED_BYTES else b"\0"
    encoding = encoding_of(data)
    if encoding is None:
        return status, None
    try:
        return status, encoding.decode(data)
    except UnicodeDecodeError:
        return status, None
