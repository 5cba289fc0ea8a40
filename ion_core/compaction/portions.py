"""What fills a model's window, and what can be done about each part of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from ion_core.compaction.ceilings import Ceilings
from ion_core.compaction.cut import covered_from
from ion_core.compaction.sizes import size, tokens_of
from ion_core.context.increment import preamble
from ion_core.context.reading import last_compaction, reading, told
from ion_core.entries import Attachment, Compaction, Entry, Instructions
from ion_core.providers.base import Request

_OTHERS = ("<instructions source=", "<attachment source=", "<context_checkpoint n=")
"""How messages begin that are told as parts of their own."""
LARGE = 0.15
"""Of the soft limit: from here on a part is worth a word."""


class Portion(Struct, frozen=True, kw_only=True):
    """A part of the request, of about ``tokens``; ``advice`` where it is large."""

    name: str
    tokens: int
    detail: str = ""
    advice: str = ""


def portions(
    entries: Sequence[Entry], request: Request, tokens: int, limits: Ceilings
) -> tuple[Portion, ...]:
    """The parts of a request that was estimated as ``tokens``, in the order in which a model reads
    them, then what is left for the answer and for more. Their sum is the window."""
    raw = [part for part in _parts(entries, request) if part.tokens]
    ratio = tokens / max(1, sum(part.tokens for part in raw))
    sized = [
        Portion(
            name=part.name,
            tokens=round(part.tokens * ratio),
            detail=part.detail,
            advice=part.advice if part.tokens * ratio > LARGE * limits.soft else "",
        )
        for part in raw
    ]
    reserve = limits.window - limits.hard
    free = max(0, limits.window - reserve - sum(part.tokens for part in sized))
    return (
        *sized,
        Portion(name="Reserve", tokens=reserve, detail="for an answer and for a summary"),
        Portion(name="Free", tokens=free),
    )


def _parts(entries: Sequence[Entry], request: Request) -> Iterator[Portion]:
    system, *tools = preamble(request.system, request.tools)
    yield Portion(name="System prompt", tokens=tokens_of(system))
    yield Portion(
        name="Tools",
        tokens=sum(map(tokens_of, tools)),
        detail=f"{len(request.tools)} of them",
        advice="Fewer MCP servers with eager tools make this smaller.",
    )
    for source, length in _instructions(entries).items():
        advice = f"Shorten {source}: it is sent with every request."
        yield Portion(name="Instructions", tokens=length, detail=source, advice=advice)
    at = last_compaction(entries)
    if at >= 0 and isinstance(checkpoint := entries[at].body, Compaction):
        yield Portion(name="Checkpoint summary", tokens=tokens_of(checkpoint.summary))
        yield Portion(name="Checkpoint ledgers", tokens=tokens_of(checkpoint.ledgers))
    yield from _conversation(entries)


def _instructions(entries: Sequence[Entry]) -> dict[str, int]:
    found: dict[str, int] = {}
    for entry in entries:
        if isinstance(entry.body, Instructions):
            source = entry.body.source
            found[source] = found.get(source, 0) + tokens_of(entry.body.text)
    return found


def _conversation(entries: Sequence[Entry]) -> Iterator[Portion]:
    sums = {"user": [0, 0], "assistant": [0, 0], "tool": [0, 0]}
    first = covered_from(entries)
    for message in reading(entries):
        if not message.text.startswith(_OTHERS):
            count = sums[message.role]
            count[0], count[1] = count[0] + size(message), count[1] + 1
    attached = [e.body for e in entries[first:] if isinstance(e.body, Attachment)]
    weight = sum(size(said) for body in attached if (said := told(body)) is not None)
    yield Portion(name="Your messages", tokens=sums["user"][0], detail=_of(sums["user"][1]))
    yield Portion(name="Answers", tokens=sums["assistant"][0], detail=_of(sums["assistant"][1]))
    yield Portion(
        name="Tool results",
        tokens=sums["tool"][0],
        detail=_of(sums["tool"][1]),
        advice="/compact puts old results away or sums them up.",
    )
    yield Portion(name="Attachments", tokens=weight, detail=_of(len(attached)))


def _of(number: int) -> str:
    return f"{number} of them"
