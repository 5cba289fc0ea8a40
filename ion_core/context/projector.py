"""From a path of entries to the request that a model reads.

The projection is pure: the same path gives the same bytes, also after reopening. The stable
prefix (system prompt, tools, old messages) comes first. Results are projected in the order of
their calls, exactly one for each, whatever order they were committed in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ion_core.context.reading import reading
from ion_core.entries import Entry
from ion_core.messages import PARTIAL, Message, Text, ToolCall, ToolResult
from ion_core.providers.base import ModelInfo, Request, ToolSpec

ANSWER, LONG_ANSWER = 32_000, 64_000
LONG_THOUGHTS = frozenset({"high", "xhigh", "max"})
SLACK, LEAST = 2_000, 1_024
"""Tokens by which a prompt may be larger than it was foretold, and the fewest of an answer."""
CUT_OFF = "(My previous answer was cut off here.)"


def project(
    entries: Sequence[Entry],
    *,
    system: str,
    tools: tuple[ToolSpec, ...],
    model: ModelInfo,
    effort: str = "",
    cache_key: str = "",
) -> Request:
    """The request that asks ``model`` to go on from the last of ``entries``."""
    return Request(
        model=model.id,
        system=system,
        messages=tuple(_messages(reading(entries))),
        tools=tools,
        max_output=answer_limit(model, effort),
        effort=effort,
        cache_key=cache_key,
    )


def answer_limit(model: ModelInfo, effort: str = "", prompt: int = 0) -> int | None:
    """How many tokens an answer may have, None when nothing is known of the model's limits.

    Vendors count what a request may cost, not what it costs, against rate limits and credit; so a
    usual answer is asked for, more where a person wants long thoughts, and never more than what
    the window has left beside a ``prompt`` of so many tokens.
    """
    usual = LONG_ANSWER if effort in LONG_THOUGHTS else ANSWER
    wanted = model.answer or min(model.max_output, usual)
    if not wanted:
        return None
    left = model.window - prompt - SLACK if model.window and prompt else wanted
    return max(LEAST, min(wanted, left))


def _messages(bodies: Sequence[Message]) -> Iterator[Message]:
    for index, body in enumerate(bodies):
        if body.role == "tool":
            continue
        if body.role == "assistant" and body.stop in PARTIAL:
            yield from _partial(body)
            continue
        yield body
        if body.calls:
            yield _settled(body.calls, bodies, index + 1)


def _partial(body: Message) -> Iterator[Message]:
    """What was finished of an answer that was not: its text, marked, without calls or thinking."""
    if body.text.strip():
        said = Text(text=f"{body.text.rstrip()}\n\n{CUT_OFF}")
        yield replace(body, parts=(said,), stop="end_turn")


def _settled(calls: Sequence[ToolCall], bodies: Sequence[Message], start: int) -> Message:
    """One message with the result of each call, in call order.

    Results are looked for among the tool messages before the next answer, since providers reuse
    call ids in later turns.
    """
    results: dict[str, ToolResult] = {}
    for index in range(start, len(bodies)):
        if bodies[index].role == "assistant":
            break
        for result in bodies[index].results:
            results.setdefault(result.call, result)
    return Message(
        role="tool",
        parts=tuple(results.get(call.id) or _missing(call) for call in calls),
    )


def _missing(call: ToolCall) -> ToolResult:
    return ToolResult(
        call=call.id,
        name=call.name,
        status="indeterminate",
        content="No result: ion ended before the outcome was recorded. Check before you repeat.",
    )
