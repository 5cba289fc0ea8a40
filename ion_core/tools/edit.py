"""The ``edit`` tool: some replacements in one file, all of them or none.

Bytes outside the replaced spans stay as they are: byte order mark, encoding, line ends, final
newline and mode.
"""

from __future__ import annotations

import os
from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.diff import difference
from ion_core.tools.edit_match import NoMatch, replaced
from ion_core.tools.files import open_regular, replace_file, uninterrupted
from ion_core.tools.paths import PathMissing, PathRefused, Workspace
from ion_core.tools.text import encoding_of

_LARGEST_BYTES = 32 << 20


class Replacement(Struct, frozen=True):
    """One replacement."""

    old_string: Annotated[str, Meta(description="exact text, unique in the file")]
    new_string: str
    replace_all: bool = False


class EditArgs(Struct, frozen=True):
    """Which file, and what to replace."""

    example: ClassVar[dict[str, Any]] = {
        "path": "src/app.py",
        "edits": [{"old_string": "port = 80\n", "new_string": "port = 8080\n"}],
    }

    path: str
    edits: Annotated[list[Replacement], Meta(min_length=1)]


class Edit:
    """Edits a file."""

    name = "edit"
    description = (
        "Replace text in a file. Each old_string is copied exactly from it, with indentation and "
        "without line numbers, and is found once; all edits are made, in order, or none."
    )
    args: type[Struct] = EditArgs
    effect: Effect = "write"

    def target(self, args: EditArgs) -> str:
        return args.path

    def timeout_s(self, args: EditArgs) -> float:
        return 30.0

    async def run(self, args: EditArgs, ctx: ToolContext) -> Outcome:
        try:
            return await uninterrupted(lambda: _edit(args, ctx.workspace))
        except PathMissing as error:
            return failed(f"{error} Use write to create a file.", args.path)
        except (NoMatch, PathRefused, OSError) as error:
            return failed(reason(error), args.path)
        except UnicodeError:
            return failed(f"{args.path} cannot hold this text in its encoding.", args.path)


def _edit(args: EditArgs, workspace: Workspace) -> Outcome:
    path = workspace.resolve(args.path, "write")
    shown = workspace.shown(path)
    if not path.exists():
        raise PathMissing(f"{shown} does not exist.")
    with open_regular(path) as file:
        status = os.fstat(file.fileno())
        data = file.read(_LARGEST_BYTES + 1)
    encoding = encoding_of(data)
    if encoding is None or len(data) > _LARGEST_BYTES:
        return failed(f"{shown} is not text, or is larger than 32 MB; edit it with bash.", shown)
    before = encoding.decode(data)
    after = _all_replaced(before, args.edits)
    replace_file(path, encoding.encode(after), status)
    change = difference(before, after, shown)
    return Outcome(
        content=f"Edited {shown} ({change.summary}).\n{change.short}",
        display=Display(target=shown, summary=change.summary, diff=change.diff),
    )


def _all_replaced(text: str, edits: list[Replacement]) -> str:
    for number, edit in enumerate(edits, 1):
        try:
            text = replaced(text, edit.old_string, edit.new_string, everywhere=edit.replace_all)
        except NoMatch as error:
            lead = f"Edit {number} of {len(edits)}: " if len(edits) > 1 else ""
            raise NoMatch(f"Nothing was changed. {lead}{error}") from error
    return text
