"""The ``read`` tool: numbered lines of a text file, a page at a time.

However large the file, no more than a page and a small buffer is in memory.
"""

from __future__ import annotations

import asyncio
import io
import os
from typing import Annotated, Any, BinaryIO, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.files import open_regular
from ion_core.tools.page import MOST_LINES, Page
from ion_core.tools.paths import PathMissing, PathRefused, Workspace
from ion_core.tools.text import SNIFFED_BYTES, encoding_of

_WIDE_BYTES = 32 << 20  # UTF-16 is decoded at once, so it must fit in memory
_HEX_BYTES = 32


class ReadArgs(Struct, frozen=True):
    """What to read."""

    example: ClassVar[dict[str, Any]] = {"path": "src/app.py", "offset": 1, "limit": 200}

    path: str
    offset: Annotated[int, Meta(ge=1, description="first line, from 1")] = 1
    limit: Annotated[int, Meta(ge=1, description="number of lines")] = MOST_LINES


class Read:
    """Reads a page of a file."""

    name = "read"
    description = (
        "Read a text file. Lines come as number, tab, text; the number is not part of the file. "
        "At most 2,000 lines a call: go on with offset."
    )
    args: type[Struct] = ReadArgs
    effect: Effect = "read"

    def target(self, args: ReadArgs) -> str:
        return args.path

    def timeout_s(self, args: ReadArgs) -> float:
        return 30.0

    async def run(self, args: ReadArgs, ctx: ToolContext) -> Outcome:
        try:
            return await asyncio.to_thread(_read, args, ctx.workspace)
        except PathMissing as error:
            return failed(f"{error}{_similar(ctx.workspace, args.path)}", args.path)
        except (PathRefused, OSError, UnicodeDecodeError) as error:
            return failed(reason(error), args.path)


def _read(args: ReadArgs, workspace: Workspace) -> Outcome:
    path = workspace.resolve(args.path, "read")
    shown = workspace.shown(path)
    if path.is_dir():
        return failed(f"{shown} is a folder. Use list to see what is in it.", shown)
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        text = _as_utf8(file, size)
        if text is None:
            file.seek(0)
            return failed(_not_text(shown, file.read(_HEX_BYTES), size), shown)
        page = Page(args.offset, args.limit)
        page.fill(text, size)
    return _outcome(shown, page)


def _as_utf8(file: BinaryIO, size: int) -> BinaryIO | None:
    """The file as UTF-8 after its byte order mark; None when it is not text."""
    encoding = encoding_of(file.read(SNIFFED_BYTES))
    if encoding is None or (encoding.codec != "utf-8" and size > _WIDE_BYTES):
        return None
    file.seek(0)
    if encoding.codec != "utf-8":
        return io.BytesIO(encoding.decode(file.read()).encode("utf-8", "replace"))
    file.seek(len(encoding.mark))
    return file


def _outcome(shown: str, page: Page) -> Outcome:
    if not page.lines:
        if page.total == 0:
            content = f"{shown} is empty."
            return Outcome(content=content, display=Display(target=shown, summary="empty"))
        return failed(f"{shown} has {page.total:,} lines; offset {page.first} is past them.", shown)
    content = "\n".join(page.lines)
    if page.total is None or page.last < page.total:
        of = "more" if page.total is None else f"{page.total:,}"
        content += f"\n[lines {page.first}–{page.last} of {of}; go on with offset={page.last + 1}]"
    count = len(page.lines)
    summary = f"{count:,} line{'s' * (count != 1)}"
    return Outcome(content=content, display=Display(target=shown, summary=summary))


def _not_text(shown: str, start: bytes, size: int) -> str:
    return f"{shown} is not text ({size:,} bytes). It begins with the bytes {start.hex(' ')}."


def _similar(workspace: Workspace, path: str) -> str:
    """A sentence that names files beside the missing one with nearly its name."""
    import difflib  # deferred: 5 ms that only a wrong path needs

    folder, _, name = path.rpartition("/")
    try:
        names = os.listdir(workspace.resolve(folder or ".", "list"))
    except (PathRefused, OSError):
        return ""
    near = difflib.get_close_matches(name, names, n=3)
    return f" Did you mean {' or '.join(os.path.join(folder, n) for n in near)}?" if near else ""
