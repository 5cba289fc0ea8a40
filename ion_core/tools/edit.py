"""The ``edit`` tool: some replacements in one file, all of them or none.

Bytes outside the replaced spans stay as they are: byte order mark, encoding, line ends, final
newline and mode. A file that is no longer what the session read is not touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.diff import difference
from ion_core.tools.document import Document, NotText
from ion_core.tools.files import uninterrupted
from ion_core.tools.paths import PathMissing, PathRefused
from ion_core.tools.seen import Stale

if TYPE_CHECKING:
    from ion_core.tools.foresight import Becoming, Sketch


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
        from ion_core.tools.edit_match import NoMatch  # start-up: 10 ms, not before an edit

        try:
            return await uninterrupted(lambda: _edit(args, ctx))
        except PathMissing as error:
            return failed(f"{error} Use write to create a file.", args.path)
        except (NoMatch, NotText, Stale, PathRefused, OSError) as error:
            return failed(reason(error), args.path)

    def foretell(self, args: EditArgs, sketch: Sketch) -> list[Becoming]:
        """The file as it will be."""
        from ion_core.tools.foresight import Becoming  # start-up: as above

        path = sketch.workspace.resolve(args.path, "write")
        document = sketch.document(path)
        after, _ = _all_replaced(document.text, args.edits, document.shown)
        return [Becoming(path, sketch.bytes_of(document), document.encoded(after))]


def _edit(args: EditArgs, ctx: ToolContext) -> Outcome:
    path = ctx.workspace.resolve(args.path, "write")
    shown = ctx.workspace.shown(path)
    if not path.exists():
        raise PathMissing(f"{shown} does not exist.")
    document = Document.read(path, shown)
    document.check(ctx.seen)
    after, notes = _all_replaced(document.text, args.edits, shown)
    document.replace(after, ctx.seen)
    change = difference(document.text, after, shown)
    said = "".join(f"{note}\n" for note in notes)
    return Outcome(
        content=f"Edited {shown} ({change.summary}).\n{said}{change.short}",
        display=Display(target=shown, summary=change.summary, diff=change.diff),
    )


def _all_replaced(text: str, edits: list[Replacement], shown: str) -> tuple[str, list[str]]:
    """The text after all edits, and what is to be said of them."""
    from ion_core.tools.edit_match import NoMatch, replaced  # start-up: as above

    notes = []
    for number, edit in enumerate(edits, 1):
        which = f"Edit {number} of {len(edits)}: " if len(edits) > 1 else ""
        try:
            change = replaced(text, edit.old_string, edit.new_string, everywhere=edit.replace_all)
        except NoMatch as error:
            raise NoMatch(f"Nothing was changed. {which}{error}{_hint(shown)}") from error
        text = change.text
        if change.how:
            notes.append(
                f"{which}old_string was not there exactly; it matched {change.how}. Check:"
            )
    return text, notes


def _hint(shown: str) -> str:
    if not shown.endswith(".ipynb"):
        return ""
    return (
        "\nA notebook is JSON: old_string must be as in the file (see it with bash), not as read."
    )
