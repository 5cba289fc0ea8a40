"""The ``compact`` tool: the model's wish for a checkpoint before its next step."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from msgspec import Meta, Struct

from ion_core.messages import Display
from ion_core.tools.base import Effect, Outcome, ToolContext, failed

NAME = "compact"


class CompactArgs(Struct, frozen=True):
    """What matters from here on."""

    example: ClassVar[dict[str, Any]] = {"focus": "the parser; the tests are done"}

    focus: Annotated[str, Meta(description="what the summary should keep above all")] = ""


class Compact:
    """Asks for it; whether it is done depends on how full the window is."""

    name = NAME
    description = (
        "Have the conversation so far replaced by a checkpoint before your next step: useful when "
        "a long piece of work is finished and another one begins. Refused while the conversation "
        "is short."
    )
    args: type[Struct] = CompactArgs
    effect: Effect = "read"

    def target(self, args: CompactArgs) -> str:
        return args.focus

    def timeout_s(self, args: CompactArgs) -> float:
        return 5.0

    async def run(self, args: CompactArgs, ctx: ToolContext) -> Outcome:
        if ctx.compact is None:
            return failed("Nothing can be compacted here.", args.focus)
        refusal = ctx.compact(args.focus.strip())
        if refusal:
            return failed(refusal, args.focus)
        return Outcome(
            content="Requested: it happens before your next step.",
            display=Display(target=args.focus, summary="before the next step"),
        )
