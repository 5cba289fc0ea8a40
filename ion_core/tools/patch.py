"""The ``apply_patch`` tool: changes to several files in one patch, all of them or none.

It is offered to the models that were trained on its form. Everything is found and checked before
the first file is written; what was written is taken back when a later file fails. A crash in
between leaves some files changed, each of them whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed, reason
from ion_core.tools.document import NotText
from ion_core.tools.files import uninterrupted
from ion_core.tools.paths import PathMissing, PathRefused, Workspace
from ion_core.tools.seen import Seen, Stale

if TYPE_CHECKING:
    from ion_core.tools.foresight import Becoming, Sketch
    from ion_core.tools.patch_files import Changes

_EXAMPLE = """*** Begin Patch
*** Update File: src/app.py
@@ def main():
-    port = 80
+    port = 8080
*** End Patch
"""


class PatchArgs(Struct, frozen=True):
    """What to change."""

    example: ClassVar[dict[str, Any]] = {"patch": _EXAMPLE}

    patch: Annotated[str, Meta(description="the whole patch")]


class ApplyPatch:
    """Applies a patch."""

    name = "apply_patch"
    description = (
        "Change files by a patch between *** Begin Patch and *** End Patch: sections *** Add File, "
        "*** Update File (perhaps *** Move to; lines behind space, - or +; @@ anchors) and "
        "*** Delete File, all or none."
    )
    args: type[Struct] = PatchArgs
    effect: Effect = "write"

    def target(self, args: PatchArgs) -> str:
        from ion_core.tools.patch_text import touched  # start-up: not before a patch

        return ", ".join(touched(args.patch)) or "(no file)"

    def timeout_s(self, args: PatchArgs) -> float:
        return 30.0

    async def run(self, args: PatchArgs, ctx: ToolContext) -> Outcome:
        # Start-up: some 15 ms that nothing before a patch needs.
        from ion_core.tools.edit_match import NoMatch
        from ion_core.tools.patch_text import BadPatch

        target = self.target(args)
        try:
            return await uninterrupted(lambda: _apply(args.patch, target, ctx))
        except BadPatch as error:
            return failed(f"Nothing was changed: {error}. For example:\n{_EXAMPLE}", target)
        except PathMissing as error:
            return failed(f"Nothing was changed: {error} *** Add File makes a file.", target)
        except (NoMatch, NotText, PathRefused) as error:
            return failed(f"Nothing was changed: {error}", target)
        except (Stale, OSError) as error:
            return failed(reason(error), target)

    def foretell(self, args: PatchArgs, sketch: Sketch) -> list[Becoming]:
        """The files as they will be; nothing where an earlier call changes one of them."""
        becoming = _planned(args.patch, sketch.workspace, Seen()).becoming()
        return [] if any(sketch.knows(one.path) for one in becoming) else becoming


def _planned(patch: str, workspace: Workspace, seen: Seen) -> Changes:
    from ion_core.tools.patch_files import Changes  # start-up: as above
    from ion_core.tools.patch_text import parsed

    changes = Changes(workspace, seen)
    for section in parsed(patch):
        changes.plan(section)
    return changes


def _apply(patch: str, target: str, ctx: ToolContext) -> Outcome:
    changes = _planned(patch, ctx.workspace, ctx.seen)
    changes.carry_out()
    done = changes.told()
    return Outcome(
        content=done.content,
        display=Display(target=target, summary=done.summary, diff=done.diff),
    )
