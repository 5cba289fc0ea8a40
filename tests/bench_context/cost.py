"""What a session costs with its cache, on the time line of a recording.

In tokens of fresh input: a cached one counts a tenth, one that is written to the cache a quarter
more, one of output five times. A cache that nobody asked for within ``ttl_s`` is gone.
"""

from __future__ import annotations

from dataclasses import dataclass

from ion_core.compaction.sizes import size
from ion_core.entries import Entry
from ion_core.messages import Message
from tests.bench_context.ours import Ours
from tests.bench_context.peers import PEERS, Context, weight
from tests.bench_context.summarisers import Teller, hostile

READ, WRITE, OUTPUT = 0.1, 1.25, 5.0
SUMMARY = 2_000
"""Tokens of a summary that is written."""
SYSTEM = 6_000
"""Tokens of system prompt and tools in every request."""
STUB = 25
WINDOW = 200_000


@dataclass
class Bill:
    """What was sent, what of it came from the cache between compactions, and what it cost."""

    name: str
    cost: float = 0.0
    sent: int = 0
    read: int = 0
    missed: int = 0
    """Tokens that a cache would have had, had nobody rewritten them."""
    compactions: int = 0
    peak: int = 0

    @property
    def hits(self) -> float:
        """Of what could have come from the cache, what did."""
        return self.read / max(1, self.read + self.missed)


class Cache:
    """The provider's: the longest common beginning with the last request, in blocks."""

    def __init__(self, bill: Bill, ttl_s: float, block: int) -> None:
        self._bill, self._ttl_s, self._block = bill, ttl_s, block
        self._last: list[tuple[int, int]] = []
        self._at = float("-inf")

    def ask(self, context: list[tuple[int, int]], at: float, *, fair: bool = True) -> None:
        """A request of (identity, tokens) parts. ``fair``: a miss is somebody's fault."""
        common = 0
        if at - self._at <= self._ttl_s:
            common = SYSTEM
            for (mine, tokens), (theirs, _) in zip(context, self._last, strict=False):
                if mine != theirs:
                    break
                common += tokens
        common -= common % self._block
        total = SYSTEM + sum(tokens for _, tokens in context)
        known = SYSTEM + sum(tokens for _, tokens in self._last)
        if fair and at - self._at <= self._ttl_s:
            self._bill.missed += max(0, min(known, total) - common)
            self._bill.read += common
        self._bill.sent += total
        self._bill.cost += READ * common + WRITE * (total - common)
        self._bill.peak = max(self._bill.peak, total)
        self._last, self._at = list(context), at


async def ours(path: list[Entry], ttl_s: float, block: int, checkpoint: int = 0) -> Bill:
    """ion: results put away only where a compaction is due, a summary behind the cached request.
    ``checkpoint`` is the setting ``compaction.checkpoint_tokens``; then nothing else stays."""
    bill = Bill(f"ion, {checkpoint:,} tokens stay" if checkpoint else "ion")
    cache = Cache(bill, ttl_s, block)
    soft = int(0.85 * WINDOW) - SYSTEM
    session = Ours(hostile(0), WINDOW, soft=soft, checkpoint=checkpoint)
    context: list[tuple[int, int]] = []
    for entry in path:
        if not isinstance(entry.body, Message):
            continue
        if entry.body.role == "assistant":
            before = len(session.path)
            if await session.make_room():
                bill.compactions += 1
                bill.cost += OUTPUT * SUMMARY
                asked = [*context, (-before, 500)]
                cache.ask(asked, entry.at)
                context = [_part(message) for message in session.context]
                cache.ask(context, entry.at, fair=False)
            else:
                if len(session.path) != before:
                    context = [_part(message) for message in session.context]
                cache.ask(context, entry.at)
            bill.cost += OUTPUT * size(entry.body)
        session.add(entry.body, entry.at)
        context.append(_part(entry.body))
    return bill


def _part(message: Message) -> tuple[int, int]:
    """What tells a message from others, and its tokens."""
    calls = [call.id for call in message.calls]
    results = [result.content for result in message.results]
    return hash((message.role, message.text, str(calls), str(results))), size(message)


async def peer(path: list[Entry], which: int, ttl_s: float, block: int, trigger: int) -> Bill:
    """A peer's compaction at a given trigger; its summary request begins a prompt of its own."""
    chosen = PEERS[which]
    bill = Bill(f"{chosen.name}'s")
    cache = Cache(bill, ttl_s, block)
    teller: Teller = hostile(0)
    context: Context = []
    parts: list[tuple[int, int]] = []
    total = 0
    for entry in path:
        body = entry.body
        if not isinstance(body, Message):
            continue
        if body.role == "assistant":
            fair = True
            if total >= trigger:
                calls = teller.calls
                bill.cost += 1.0 * total
                context = chosen.compact(context, teller, WINDOW)
                bill.cost += OUTPUT * SUMMARY * (teller.calls - calls)
                bill.compactions += 1
                total = weight(context)
                parts = [_part(message) for message in context]
                fair = False
            cache.ask(parts, entry.at, fair=fair)
            bill.cost += OUTPUT * size(body)
        context.append(body)
        parts.append(_part(body))
        total += size(body)
    return bill


async def masked(path: list[Entry], keep: int, ttl_s: float, block: int) -> Bill:
    """Only the newest ``keep`` results stay whole; the others become stubs with every request."""
    bill = Bill(f"the last {keep} results whole")
    cache = Cache(bill, ttl_s, block)
    parts: list[tuple[int, int]] = []
    results: list[int] = []
    for entry in path:
        body = entry.body
        if not isinstance(body, Message):
            continue
        if body.role == "assistant":
            for index in results[:-keep]:
                parts[index] = (-index - 1, STUB)
            cache.ask(parts, entry.at)
            bill.cost += OUTPUT * size(body)
        if body.role == "tool":
            results.append(len(parts))
        parts.append(_part(body))
    return bill


async def pruned(path: list[Entry], ttl_s: float, block: int) -> Bill:
    """Results older than 40,000 tokens become stubs with each prompt, if that saves 20,000."""
    bill = Bill("results put away with each prompt")
    cache = Cache(bill, ttl_s, block)
    parts: list[tuple[int, int]] = []
    results: list[int] = []
    for entry in path:
        body = entry.body
        if not isinstance(body, Message):
            continue
        if body.role == "user":
            _prune(parts, results)
        if body.role == "assistant":
            cache.ask(parts, entry.at)
            bill.cost += OUTPUT * size(body)
        if body.role == "tool":
            results.append(len(parts))
        parts.append(_part(body))
    return bill


def _prune(parts: list[tuple[int, int]], results: list[int]) -> None:
    recent, old = 0, list[int]()
    for index in range(len(parts) - 1, -1, -1):
        recent += parts[index][1]
        if recent > 40_000 and index in results and parts[index][1] > STUB:
            old.append(index)
    if sum(parts[index][1] for index in old) >= 20_000:
        for index in old:
            parts[index] = (-index - 1, STUB)
