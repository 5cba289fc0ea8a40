"""A conversation that every vendor accepts: each call answered once, directly after it.

Branches, interruptions and pruning can leave calls without results and results without calls;
here both are mended, just before sending. What is stored stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.messages import Message, ToolCall, ToolResult, user

LOST = "The result of this call is not known: the session was interrupted before it ended."


def repaired(messages: Sequence[Message]) -> list[Message]:
    """The same conversation with exactly one result after each call, in the order of the calls.

    A call without a result gets one that says so; a result without its call becomes words.
    """
    fixed: list[Message] = []
    rest = list(messages)
    while rest:
        message = rest.pop(0)
        if message.role == "tool":
            fixed += [user(f"[{r.name}] {r.content}") for r in message.results]
            continue
        fixed.append(message)
        if message.calls:
            fixed += _answers(message.calls, rest)
    return fixed


def _answers(calls: Sequence[ToolCall], rest: list[Message]) -> list[Message]:
    results: dict[str, ToolResult] = {}
    orphans: list[ToolResult] = []
    wanted = {call.id for call in calls}
    while rest and rest[0].role == "tool":
        for result in rest.pop(0).results:
            if result.call in wanted and result.call not in results:
                results[result.call] = result
            else:
                orphans.append(result)
    answers = tuple(results.get(call.id) or _lost(call) for call in calls)
    words = [user(f"[{r.name}] {r.content}") for r in orphans]
    return [Message(role="tool", parts=answers), *words]


def _lost(call: ToolCall) -> ToolResult:
    return ToolResult(call=call.id, name=call.name, status="indeterminate", content=LOST)
