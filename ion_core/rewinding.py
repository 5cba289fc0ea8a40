"""Going back to an earlier message: what would change, and what did.

To go back to a message of the person's means the state just before it was said. Files come from
what was kept of them before each effect; what a person changed since is theirs unless they say
otherwise.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from ion_core.ids import EntryId

Scope: TypeAlias = Literal["conversation", "files", "both"]


class FileChange(Struct, frozen=True, kw_only=True):
    """What going back does to one file. ``path`` is absolute; ``diff`` is unified, from what is
    there now to what will be, and empty for what is not text. ``conflict`` says why the file is
    left alone unless the person asks for it; empty when it is restored."""

    path: str
    action: Literal["create", "change", "delete"]
    diff: str = ""
    conflict: str = ""


class Preview(Struct, frozen=True, kw_only=True):
    """What going back to ``to`` would do. ``prompt`` is the message that would come back to the
    editor, ``entries`` how many would leave the conversation; ``gaps`` are sentences about what
    could not be kept, and so cannot be restored."""

    to: EntryId
    prompt: str = ""
    entries: int = 0
    files: tuple[FileChange, ...] = ()
    gaps: tuple[str, ...] = ()


class Rewound(Struct, frozen=True, kw_only=True):
    """What was done: paths that were restored, and paths that were left as they are, each with the
    reason (``path: reason``). ``gaps`` are those of the preview."""

    prompt: str = ""
    restored: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
