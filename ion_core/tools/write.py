"""The ``write`` tool: a whole file, new or replaced.

The file has its old content or the new one, never half of it. A new file is UTF-8 with the line
ends of ``content``; one that is replaced stays of its kind: encoding, byte order mark, line ends.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.diff import difference
from ion_core.tools.document import HALF, Document, NotText
from ion_core.tools.files import open_regular, uninterrupted
from ion_core.tools.paths import PathRefused
from ion_core.tools.seen import Stale
from ion_core.tools.text import Encoding, Lines

if TYPE_CHECKING:
    from ion_core.tools.foresight import Becoming, Sketch


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
            return await uninterrupted(lambda: _write(args, ctx))
        except (NotText, Stale, PathRefused, OSError) as error:
            return failed(reason(error), args.path)

    def foretell(self, args: WriteArgs, sketch: Sketch) -> list[Becoming]:
        """The file as it will be."""
        from ion_core.tools.foresight import Becoming  # start-up: not before a write

        path = sketch.workspace.resolve(args.path, "write")
        document = sketch.document(path)
        before = sketch.bytes_of(document)
        return [Becoming(path, before, document.encoded(like(document, args.content)))]


def _write(args: WriteArgs, ctx: ToolContext) -> Outcome:
    path = ctx.workspace.resolve(args.path, "write")
    shown = ctx.workspace.shown(path)
    document = _before(path, shown)
    document.check(ctx.seen)
    text = like(document, args.content)
    document.replace(text, ctx.seen)
    change = difference(document.text, text, shown)
    lines = text.count("\n") + (not text.endswith("\n") and bool(text))
    if document.status is None:
        content = f"Created {shown} ({lines:,} line{'s' * (lines != 1)})."
    else:
        kept = _kind(document, text)
        content = f"Replaced {shown} ({change.summary}{kept}).\n{change.short}".rstrip()
    return Outcome(
        content=content,
        display=Display(target=shown, summary=change.summary, diff=change.diff),
    )


def _before(path: Path, shown: str) -> Document:
    """The file that will be replaced; what is no text is as good as empty UTF-8."""
    try:
        return Document.read(path, shown)
    except FileNotFoundError:
        return Document.new(path, shown)
    except NotText:
        with open_regular(path) as file:
            status = os.fstat(file.fileno())
        return Document(path, shown, status, b"", Encoding("utf-8"))


def like(document: Document, content: str) -> str:
    """``content`` with the line ends that the document has, and fit for its encoding."""
    if document.encoding.mark:
        content = content.removeprefix("\ufeff")
    lines = Lines(document.text)
    if lines.end == "\r\n" and "\r\n" not in content:
        content = content.replace("\n", "\r\n")
    if re.search("[\udc80-\udcff]", content):
        raise NotText(HALF)
    try:
        document.encoding.encode(content)
    except UnicodeEncodeError:  # a legacy one that cannot say this: as a new file would be
        document.encoding = Encoding("utf-8")
    return content


def _kind(document: Document, text: str) -> str:
    """What was kept of the file's kind, in words, where that is unusual."""
    encoding = document.encoding
    words = [encoding.codec] if encoding.codec != "utf-8" else []
    words += ["byte order mark"] if encoding.mark else []
    words += ["CRLF"] if "\r\n" in text and "\r\n" in document.text else []
    return f"; {', '.join(words)}" if words else ""
