"""What to write when a session is opened whose last process ended in the middle of something.

A pure function from what the store holds, and what the files show, to the writes that make the
history valid for every provider: each call of the last answer has exactly one result. Nothing is
run again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from ion_core.entries import Entry, SystemEvent
from ion_core.ids import CallId
from ion_core.messages import PARTIAL, Display, Message, ToolCall, ToolResult, answered, user
from ion_core.sessions.base import Append, OpenedEffect, SessionInfo, SettleEffect, Write

if TYPE_CHECKING:
    from ion_core.sessions.reconcile import Found, Verdict

UNKNOWN = "Interrupted: outcome unknown, check before repeating."
NOT_DONE = (
    "Cancelled: ion ended before this call was done. It changed nothing; repeat it if needed."
)
NOT_ALLOWED = "Not run: nobody allowed this call here."


async def mends(
    path: Sequence[Entry], effects: Sequence[OpenedEffect], agents: Sequence[SessionInfo] = ()
) -> tuple[Write, ...]:
    """:func:`recovery` with what the files show; ``agents`` are those that the session started."""
    found: Mapping[CallId, Found] = {}
    if any(effect.recovery == "reconcile" for effect in effects):
        from ion_core.sessions.reconcile import reconciled  # start-up: only after a process died

        found = await asyncio.to_thread(reconciled, effects)
    return recovery(path, effects, found, agents)


def recovery(
    path: Sequence[Entry],
    effects: Sequence[OpenedEffect],
    found: Mapping[CallId, Found] = MappingProxyType({}),
    agents: Sequence[SessionInfo] = (),
) -> tuple[Write, ...]:
    """The writes that mend ``path`` (root to head) and settle ``effects``; none when all is well.

    A call that wrote files gets the result that ``found`` says of them. Another one that may have
    changed something gets an ``indeterminate`` result, any other a ``cancelled`` one; a
    ``recovered`` event then says so to people. A call without an effect of its own never began: it
    waits for an approval, and is left to wait. Of ``agents`` that were at work the model is told.
    """
    risky = {effect.call for effect in effects if effect.recovery != "replay_safe"}
    begun = {effect.call for effect in effects}
    orphans = [call for call in unanswered(path) if call.id in begun]
    results = [_outcome(call, found.get(call.id), risky=call.id in risky) for call in orphans]
    told: list[str] = []
    if agents:
        from ion_core.sessions.lost_agents import lost_agents  # start-up: few sessions have any

        known, told = lost_agents(path, orphans, agents)
        results = [known.get(result.call, result) for result in results]
    writes: list[Write] = [Append(body=answered(result)) for result in results]
    writes += [SettleEffect(call=effect.call) for effect in effects]
    if orphans or effects:
        writes.append(Append(body=SystemEvent(what="recovered", text=_sentence(results, effects))))
    return (*writes, *(Append(body=user(text)) for text in told))


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


def _outcome(call: ToolCall, found: Found | None, *, risky: bool) -> ToolResult:
    if found is None or not found.files:
        return _unknown(call, UNKNOWN) if risky else _cancelled(call, NOT_DONE)
    files = _listed([path for path, _ in found.files])
    are, were = ("is", "was") if len(found.files) == 1 else ("are", "were")
    if found.verdict == "done":
        content = f"Done. ion ended before it could say more, but {files} {are} as this call meant."
        done = Display(target=files, summary="done")
        return ToolResult(call=call.id, name=call.name, status="ok", content=content, display=done)
    if found.verdict == "not_done":
        said = f"Not done: ion ended before this call was carried out; {files} {are} as before."
        return _cancelled(call, f"{said} Repeat it if it is needed.")
    each = "\n".join(f"{path} {_SEEN[verdict]}." for path, verdict in found.files)
    return _unknown(call, f"{UNKNOWN} The files that {were} to be changed:\n{each}")


_SEEN: dict[Verdict, str] = {
    "done": "is as this call meant",
    "not_done": "is as before",
    "unknown": "is neither as before nor as this call meant; read it again",
}


def _unknown(call: ToolCall, content: str) -> ToolResult:
    return ToolResult(
        call=call.id,
        name=call.name,
        status="indeterminate",
        content=content,
        display=Display(summary="outcome unknown"),
    )


def _cancelled(call: ToolCall, content: str) -> ToolResult:
    return ToolResult(
        call=call.id,
        name=call.name,
        status="cancelled",
        content=content,
        display=Display(summary="not done"),
    )


def declined(call: ToolCall) -> ToolResult:
    """The result of a call that waited for an approval which nobody gave."""
    display = Display(summary="not allowed")
    return ToolResult(
        call=call.id, name=call.name, status="denied", content=NOT_ALLOWED, display=display
    )


def _sentence(results: Sequence[ToolResult], effects: Sequence[OpenedEffect]) -> str:
    unknown = [result.name for result in results if result.status == "indeterminate"]
    done = [result.name for result in results if result.status == "ok"]
    seen = f" Done before that, as the files show: {_listed(done)}." if done else ""
    if unknown:
        said = f"ion ended while {_listed(unknown)} ran."
        return f"{said} Check what was done before repeating it.{seen}"
    names = [result.name for result in results if result.status != "ok"]
    if not names and done:
        return f"ion ended before it could keep a result.{seen} Nothing was lost."
    names = names or [effect.tool for effect in effects]
    return f"ion ended before {_listed(names)} was done. Nothing was lost.{seen}"


def _listed(names: Sequence[str]) -> str:
    different = list(dict.fromkeys(names))
    return " and ".join(filter(None, (", ".join(different[:-1]), different[-1])))
