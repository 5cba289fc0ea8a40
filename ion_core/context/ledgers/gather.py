"""From the entries of a path to its ledgers: one walk, each result beside the call it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from ion_core.agent_reports import REPORTS
from ion_core.context.ledgers.commands import Commands
from ion_core.context.ledgers.errors import Errors
from ion_core.context.ledgers.files import Files
from ion_core.context.ledgers.ledger import Kept, Ledgers, Quote, Since
from ion_core.context.ledgers.said import binds, said
from ion_core.context.ledgers.steps import steps_of
from ion_core.entries import Compaction, Entry, Mode, ModeChange, Pin, Prune
from ion_core.messages import Message, ToolCall, ToolResult
from ion_core.tools.plan_file import FOLDER as PLANS

Changed: TypeAlias = Callable[[str, float], Since]
"""What became of a path since a moment, in seconds since the epoch."""


class Settled(Struct, frozen=True):
    """A result and the call that it answers."""

    entry: Entry
    call: ToolCall
    result: ToolResult


def ledgers(
    entries: Sequence[Entry],
    *,
    root: Path,
    changed: Changed | None = None,
    jobs: Sequence[tuple[str, str, str]] = (),
    spoken: int | None = None,
) -> Ledgers:
    """The ledgers of a whole path. Paths are told as seen from ``root``; with ``changed`` those are
    marked that somebody else wrote since. Of what people said only the first ``spoken`` entries
    are told (None: all): what follows them stays word for word anyway."""
    files, errors, commands = Files(root), Errors(), Commands()
    kept, skills, plan = list[Kept](), dict[str, None](), ""
    for step in _settled(entries):
        files.add(step.entry, step.call, step.result)
        errors.add(step.entry, step.call, step.result)
        commands.add(step.entry, step.call, step.result)
        if step.result.status == "ok" and step.call.name == "note":
            kept.append(_note(step.call))
        if step.result.status == "ok" and step.call.name == "skill":
            skills[_skill(step.call)] = None
    facts = files.facts(changed)
    for fact in facts:
        if "w" in fact.ops and PLANS in fact.path:
            plan = fact.path
    pins = [Quote(entry=e.id, text=e.body.text) for e in entries if isinstance(e.body, Pin)]
    return Ledgers(
        quotes=tuple(_quotes(entries[:spoken])),
        pins=tuple(pins),
        kept=tuple(dict.fromkeys(kept)),
        said=said(entries[:spoken]),
        files=facts,
        errors=errors.facts(),
        commands=commands.facts(),
        todo=steps_of(entries),
        mode=_mode(entries),
        plan=plan,
        skills=tuple(skills),
        jobs=tuple(jobs),
        entries=sum(not isinstance(entry.body, Compaction | Prune) for entry in entries),
    )


def _settled(entries: Sequence[Entry]) -> Iterator[Settled]:
    """Providers reuse call ids: a result belongs to the newest call of its id."""
    waiting: dict[str, ToolCall] = {}
    for entry in entries:
        if not isinstance(entry.body, Message):
            continue
        for call in entry.body.calls:
            waiting[call.id] = call
        for result in entry.body.results:
            if result.call in waiting:
                call = waiting.pop(result.call)
                yield Settled(entry, call, result)


def _quotes(entries: Sequence[Entry]) -> Iterator[Quote]:
    for entry in entries:
        body = entry.body
        words = body.text if isinstance(body, Message) and body.role == "user" else ""
        if words.strip() and not words.startswith(REPORTS):
            yield Quote(entry=entry.id, text=words, binds=binds(words))


def _note(call: ToolCall) -> Kept:
    kind = " ".join(str(call.arguments.get("kind", "fact")).split())
    return Kept(kind=kind[:20], text=str(call.arguments.get("text")))


def _skill(call: ToolCall) -> str:
    name, args = (str(call.arguments.get(key) or "") for key in ("name", "args"))
    return f"{name} {args}".strip()


def _mode(entries: Sequence[Entry]) -> Mode | None:
    modes = [entry.body.mode for entry in entries if isinstance(entry.body, ModeChange)]
    return modes[-1] if modes else None
