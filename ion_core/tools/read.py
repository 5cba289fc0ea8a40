"""The ``read`` tool: numbered lines of a text file, a page at a time, and what else files hold.

However large the file, no more than a page and a small buffer is in memory. Pictures are handed to
the model as pictures, notebooks as cells, PDF files as the text of their pages and as
pictures of those that have none, and whatever else is no text is described.
"""

from __future__ import annotations

import asyncio
import io
import os
from pathlib import Path
from typing import Annotated, Any, BinaryIO, ClassVar

from msgspec import Meta, Struct

from ion_core.errors import IonError
from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.files import open_regular
from ion_core.tools.page import MOST_LINES, Page
from ion_core.tools.paths import PathMissing, PathRefused, Workspace
from ion_core.tools.seen import HASHED_BYTES, Seen
from ion_core.tools.text import SNIFFED_BYTES, Encoding, encoding_of

_WIDE_BYTES = 32 << 20  # other encodings are decoded at once, so they must fit in memory


class ReadArgs(Struct, frozen=True):
    """What to read."""

    example: ClassVar[dict[str, Any]] = {"path": "src/app.py", "offset": 1, "limit": 200}

    path: str
    offset: Annotated[int, Meta(description="first line (page of a PDF); -20: the last 20")] = 1
    limit: Annotated[int, Meta(ge=1, description="number of lines")] = MOST_LINES


class Read:
    """Reads a page of a file."""

    name = "read"
    description = (
        "Read a text file, picture, PDF or notebook. Lines come as number, tab, text; the number "
        "is not in the file. At most 2,000 lines a call: go on with offset. Of a PDF, limit up to "
        "4 shows pages."
    )
    args: type[Struct] = ReadArgs
    effect: Effect = "read"

    def target(self, args: ReadArgs) -> str:
        return args.path

    def timeout_s(self, args: ReadArgs) -> float:
        return 30.0

    async def run(self, args: ReadArgs, ctx: ToolContext) -> Outcome:
        try:
            return await asyncio.to_thread(_read, args, ctx)
        except PathMissing as error:
            return failed(f"{error}{_similar(ctx.workspace, args.path)}", args.path)
        except (IonError, PathRefused, OSError, UnicodeDecodeError) as error:
            return failed(reason(error), args.path)


def _read(args: ReadArgs, ctx: ToolContext) -> Outcome:
    path = ctx.workspace.resolve(args.path, "read")
    shown = ctx.workspace.shown(path)
    if path.is_dir():
        return failed(f"{shown} is a folder. Use list to see what is in it.", shown)
    with open_regular(path) as file:
        start = file.read(SNIFFED_BYTES)
        file.seek(0)
        special = _special(args, ctx, path, shown, file, start)
        if special is not None:
            return special
        encoding = encoding_of(start)
        size = os.fstat(file.fileno()).st_size
        if encoding is None or (encoding.codec != "utf-8" and size > _WIDE_BYTES):
            from ion_core.tools.metadata import described  # start-up: few files are no text

            return described(file, start, shown)
        page = Page(args.offset or 1, args.limit)
        _fill(page, args.offset, _as_utf8(file, encoding), size)
        _note(ctx.seen, path, file, encoding)
    return _outcome(shown, page)


def _special(
    args: ReadArgs, ctx: ToolContext, path: Path, shown: str, file: BinaryIO, start: bytes
) -> Outcome | None:
    """What the model is shown of a file that is more than its text; None for any other."""
    # Start-up: each is imported when there is such a file.
    if path.suffix == ".ipynb" and start.lstrip()[:1] == b"{":
        from ion_core.tools.notebook import cells

        notebook = cells(file, ctx.picture)
        if notebook is None:
            file.seek(0)
            return None
        _note(ctx.seen, path, file, Encoding("utf-8"))
        page = Page(args.offset or 1, args.limit)
        text = notebook.text.encode("utf-8", "replace")
        _fill(page, args.offset, io.BytesIO(text), len(text))
        return _outcome(shown, page, images=notebook.images)
    if b"%PDF-" in start[:1024]:
        from ion_core.tools.pdf import pages

        return pages(file, args.offset, args.limit, shown, ctx.picture)
    if start[:1] in b"\x89\xffGR" and ctx.picture is not None:
        from ion_core.tools.picture import looked_at

        return looked_at(file, start, shown, ctx.picture)
    return None


def _fill(page: Page, offset: int, text: BinaryIO, size: int) -> None:
    if offset < 0:
        page.skip_to_tail(text, -offset)
    page.fill(text, size)


def _as_utf8(file: BinaryIO, encoding: Encoding) -> BinaryIO:
    """The file as UTF-8 after its byte order mark."""
    if encoding.codec != "utf-8":
        return io.BytesIO(encoding.decode(file.read()).encode("utf-8", "replace"))
    file.seek(len(encoding.mark))
    return file


def _note(seen: Seen, path: Path, file: BinaryIO, encoding: Encoding) -> None:
    """The session knows the file, as far as it is not too large to compare."""
    status = os.fstat(file.fileno())
    if status.st_size > HASHED_BYTES:
        seen.note(path, status, None, None)
        return
    file.seek(0)
    data = file.read()
    seen.note(path, status, data, encoding.decode(data))


def _outcome(shown: str, page: Page, **more: Any) -> Outcome:
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
    return Outcome(content=content, display=Display(target=shown, summary=summary), **more)


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
