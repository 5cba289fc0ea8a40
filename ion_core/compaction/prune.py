"""What is put away without a summary: old results of tools, each with one line in its place.

Rewriting what a provider has cached costs money, so it is done only where a compaction is due
anyway, or where the cache is gone. It is reversible: the results stay in the tree, and ``recall``
gives them back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec
from msgspec import Struct

from ion_core.compaction.cut import covered_from
from ion_core.compaction.sizes import CHARACTERS, PER_MESSAGE, size, tokens_of
from ion_core.entries import Compaction, Entry, Prune, Stub
from ion_core.messages import Message, ToolCall

PROTECTED = 40_000
"""Tokens of the newest messages whose results stay, unless a later one of the same call says the
same anew."""
WORTH, SMALL = 8_000, 150
"""Fewer tokens than this are not worth a rewritten cache; a result of so few says no more than its
line."""
NEVER = frozenset({"skill", "ask", "plan", "exit_plan", "todo", "task", "note", "compact"})
"""Tools whose results are decisions."""
TARGET = 80


class Pruning(Struct, frozen=True, kw_only=True):
    """What could be put away, and about how many tokens that saves."""

    stubs: tuple[Stub, ...]
    saved: int

    @property
    def is_worth_it(self) -> bool:
        return self.saved >= WORTH

    def entry(self, before: int) -> Prune:
        """The entry that does it, where a request has ``before`` tokens."""
        return Prune(stubs=self.stubs, tokens_before=before, tokens_after=before - self.saved)


def shortened(
    entries: Sequence[Entry], kept: int, *, most: int, unread: int = 0
) -> tuple[Stub, ...]:
    """Stubs for the results among the last ``kept`` entries that have more than ``most`` tokens:
    their beginning and their end. Those that the model has not read yet stay as they are while they
    have no more than ``unread`` together."""
    calls, put_away = _calls(entries, len(entries) - kept), _put_away(entries)
    new = _unread(entries)
    spared = set(new) if sum(new.values()) <= unread else set[int]()
    stubs = []
    for index, call in calls.items():
        body = entries[index].body
        if index in spared:
            continue
        if isinstance(body, Message) and index not in put_away and call.name not in NEVER:
            [result] = body.results
            over = tokens_of(result.content) - most
            if over > SMALL:
                gap = f"[{over:,} tokens put away, recall {entries[index].id}]"
                text = _ends(result.content, most, gap)
                stubs.append(Stub(back=len(entries) - index, text=text))
    return tuple(stubs)


def _unread(entries: Sequence[Entry]) -> dict[int, int]:
    """Where the results are that came after the last answer, and their sizes."""
    found: dict[int, int] = {}
    for index in range(len(entries) - 1, -1, -1):
        body = entries[index].body
        if isinstance(body, Message) and body.role == "assistant":
            break
        if isinstance(body, Message) and body.results:
            found[index] = size(body)
    return found


def _ends(text: str, most: int, between: str) -> str:
    half = round(most * CHARACTERS / 2)
    return f"{text[:half]}\n{between}\n{text[-half:]}"


def pruning(entries: Sequence[Entry], *, protected: int = PROTECTED) -> Pruning:
    """What of a path may be put away now."""
    stubs, saved = [], 0
    for index, call, is_old in _results(entries, protected):
        body = entries[index].body
        assert isinstance(body, Message)
        line = _line(entries[index], body, call)
        gain = size(body) - PER_MESSAGE - tokens_of(line)
        if is_old and gain > SMALL:
            stubs.append(Stub(back=len(entries) - index, text=line))
            saved += gain
    return Pruning(stubs=tuple(stubs), saved=saved)


def _results(entries: Sequence[Entry], protected: int) -> Iterator[tuple[int, ToolCall, bool]]:
    """Results from the newest back, with the call of each and whether it is old or superseded."""
    first, weight = covered_from(entries), 0
    calls, seen = _calls(entries, first), set[str]()
    put_away = _put_away(entries)
    for index in range(len(entries) - 1, first - 1, -1):
        body = entries[index].body
        if not isinstance(body, Message):
            continue
        weight += size(body)
        call = calls.get(index)
        if call is None or call.name in NEVER or index in put_away:
            continue
        doing = f"{call.name} {msgspec.json.encode(call.arguments, order='sorted').decode()}"
        yield index, call, weight > protected or doing in seen
        seen.add(doing)


def _calls(entries: Sequence[Entry], first: int) -> dict[int, ToolCall]:
    """The call that each result answers, by the index of the result; call ids may come again."""
    open_calls: dict[str, ToolCall] = {}
    found: dict[int, ToolCall] = {}
    for index in range(first, len(entries)):
        body = entries[index].body
        if isinstance(body, Message) and body.role == "assistant":
            open_calls = {call.id: call for call in body.calls}
        elif isinstance(body, Message) and len(body.results) == 1:
            call = open_calls.get(body.results[0].call)
            found |= {} if call is None else {index: call}
    return found


def _put_away(entries: Sequence[Entry]) -> set[int]:
    return {
        index - stub.back
        for index, entry in enumerate(entries)
        if isinstance(entry.body, Prune | Compaction)
        for stub in entry.body.stubs
    }


def _line(entry: Entry, body: Message, call: ToolCall) -> str:
    [result] = body.results
    target = result.display.target if result.display else ""
    if not target:
        target = next((str(value) for value in call.arguments.values()), "")
    target = " ".join(target.split())
    target = target if len(target) <= TARGET else target[: TARGET - 1] + "…"
    status = "" if result.status == "ok" else f", {result.status}"
    kept = f"{size(body):,} tokens put away, recall {entry.id}"
    return f"[{call.name} {target}{status}: {kept}]"
