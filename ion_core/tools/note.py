"""The ``note`` tool: a few words that no summary may lose.

Nothing is stored but the call itself, in the session; every compaction copies what was noted.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed

NAME = "note"
LIMIT = 1_000
"""Characters of one note."""

NoteKind: TypeAlias = Literal["decision", "failed", "constraint", "fact"]


class NoteArgs(Struct, frozen=True):
    """What to keep."""

    example: ClassVar[dict[str, Any]] = {
        "kind": "decision",
        "text": "Retry in the client, not the queue: the queue has no ids.",
    }

    kind: NoteKind
    text: Annotated[str, Meta(description="one or two sentences, exact")]


class Note:
    """Keeps words in the session and touches nothing else."""

    name = NAME
    description = (
        "Keep a decision and its reason, an approach that failed, a constraint of the person's or "
        "a fact that was hard to find, word for word. Notes outlive every summary of the "
        "conversation."
    )
    args: type[Struct] = NoteArgs
    effect: Effect = "read"

    def target(self, args: NoteArgs) -> str:
        return args.kind

    def timeout_s(self, args: NoteArgs) -> float:
        return 5.0

    async def run(self, args: NoteArgs, ctx: ToolContext) -> Outcome:
        text = args.text.strip()
        if not text:
            return failed("The note is empty. Say in text what to keep.", args.kind)
        if len(text) > LIMIT:
            long = f"The note has {len(text):,} characters; {LIMIT:,} are allowed. Shorten it."
            return failed(long, args.kind)
        return Outcome(content="Noted.", display=Display(target=args.kind, summary=text[:200]))
