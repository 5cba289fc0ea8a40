"""What to write when a session is opened whose last process ended in the middle of something.

A pure function from what the store holds to the writes that make the history valid for every
provider: each call of the last answer has exactly one result. Nothing is run again.
"""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.entries import Entry, SystemEvent
from ion_core.messages import PARTIAL, Display, Message, ToolCall, ToolResult, answered
from ion_core.sessions.base import Append, OpenedEffect, SettleEffect, Write

UNKNOWN = "Interrupted: outcome unknown, check before repeating."
NOT_DONE = (
    "Cancelled: ion ended before this call was done. It changed nothing; repeat it if needed."
)
NOT_ALLOWED = "Not run: nobody allowed this call here."


def recovery(path: Sequence[Entry], effects: Sequence[OpenedEffect]) -> tuple[Write, ...]:
    """The writes that mend ``path`` (root to head) and settle ``effects``; none when all is well.

    A call that may have changed something gets an ``indeterminate`` result, any other a
    ``cancelled`` one; a ``recovered`` event then says so to people. A call without an effect of
    its own never began: it waits for an approval, and is left to wait.
    """
    risky = {effect.call: effect for effect in effects if effect.recovery != "replay_safe"}
    begun = {effect.call for effect in effects}
    orphans = [call for call in unanswered(path) if call.id in begun]
    results = [_result(call, unknown=call.id in risky) for call in orphans]
    writes: list[Write] = [Append(body=answered(result)) for result in results]
    writes += [SettleEffect(call=effect.call) for effect in effects]
    if orphans or effects:
        writes.append(Append(body=SystemEvent(what="recovered", text=_sentence(results, effects))))
    return tuple(writes)


def unanswered(path: Sequence[Entry]) -> list[ToolCall]:
    """The calls of the last answer that no later entry answers, in their order."""
    settled: set[str] = set()
    for entry in reversed(path):
        if isinstance(entry.body, Message):
            settled.update(result.call for result in entry.body.results)
            if entry.body.role == "assistant" and entry.body.stop in PARTIAL:
                return []
            if entry.body.role == "assistant":
                return [call for call in entry.body.calls if call.id not in settled]
    return []


def _result(call: ToolCall, *, unknown: bool) -> ToolResult:
    return ToolResult(
        call=call.id,
        name=call.name,
        status="indeterminate" if unknown else "cancelled",
        content=UNKNOWN if unknown else NOT_DONE,
        display=Display(summary="outcome unknown" if unknown else "not done"),
    )


def declined(call: ToolCall) -> ToolResult:
    """The result of a call that waited for an approval which nobody gave."""
    display = Display(summary="not allowed")
    return ToolResult(
        call=call.id, name=call.name, status="denied", content=NOT_ALLOWED, display=display
    )


def _sentence(results: Sequence[ToolResult], effects: Sequence[OpenedEffect]) -> str:
    unknown = [result.name for result in results if result.status == "indeterminate"]
    if unknown:
        return f"ion ended while {_listed(unknown)} ran. Check what was done before repeating it."
    names = [result.name for result in results] or [effect.tool for effect in effects]
    return f"ion ended before {_listed(names)} was done. Nothing was lost."


def _listed(names: Sequence[str]) -> str:
    different = list(dict.fromkeys(names))
    return " and ".join(filter(None, (", ".join(different[:-1]), different[-1])))
