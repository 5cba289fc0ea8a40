"""What is left of planted facts after compactions: in the context, and by ``recall``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ion_core.entries import Body
from ion_core.messages import Message, user
from ion_core.sessions.base import Append
from ion_core.sessions.past import Past
from ion_core.sessions.project import project_id
from ion_core.sessions.sqlite import SqliteStore
from tests.bench_context.facts import KINDS, Fact, Planter, living
from tests.bench_context.ours import ROOT, Ours
from tests.bench_context.peers import Context, Peer, text_of, weight
from tests.bench_context.summarisers import Teller
from tests.fakes.sessions import an_info

Turns = Iterator[list[Body]]
MOST_TURNS = 4_000


@dataclass
class Score:
    """Facts that were planted and found, by kind, and the tokens that hold them."""

    name: str
    planted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    tokens: list[int] = field(default_factory=list)
    compactions: list[int] = field(default_factory=list)
    wrong: int = 0
    """Corrections of which only the old value is left."""

    def add(self, facts: list[Fact], context: Context, compactions: int) -> None:
        """Look for the facts that hold in what a model would read."""
        text = text_of(context)
        for fact in living(facts):
            self.planted[fact.kind] += 1
            there = fact.value in text
            self.found[fact.kind] += there
            self.wrong += fact.kind == "correction" and not there and fact.old in text
        self.tokens.append(weight(context))
        self.compactions.append(compactions)

    def share(self, *kinds: str) -> float:
        """The share of facts found, of these kinds or of all."""
        wanted = kinds or KINDS
        planted = sum(self.planted[kind] for kind in wanted)
        return sum(self.found[kind] for kind in wanted) / planted if planted else 1.0

    @property
    def size(self) -> float:
        """Tokens of the context, on the average."""
        return sum(self.tokens) / len(self.tokens) if self.tokens else 0.0

    @property
    def per_thousand(self) -> float:
        """Facts in a thousand tokens."""
        return sum(self.found.values()) / max(1, sum(self.tokens)) * 1_000


async def play_ours(
    turns: Turns,
    planter: Planter,
    teller: Teller,
    window: int,
    k: int,
    share: float = 1.0,
    checkpoint: int = 0,
) -> tuple[Ours, int]:
    """ion through turns until its ``k``-th compaction (0: to the end); the facts known then."""
    ours = Ours(teller, window, share, checkpoint=checkpoint)
    known = 0
    for _, turn in zip(range(MOST_TURNS), turns, strict=False):
        for body in turn:
            ours.add(body)
            if _is_point(body):
                teller.facts = planter.facts
                if await ours.make_room():
                    known = len(planter.facts)
                    if ours.compactions == k:
                        return ours, known
    return ours, known


def play_peer(
    turns: Turns, planter: Planter, teller: Teller, window: int, k: int, peer: Peer
) -> tuple[Context, int, int]:
    """A peer through the same; its context right after its last compaction."""
    context: Context = []
    size = known = made = 0
    after: Context = []
    for _, turn in zip(range(MOST_TURNS), turns, strict=False):
        for body in turn:
            if isinstance(body, Message):
                context.append(body)
                size += weight([body])
            if _is_point(body) and size >= peer.trigger(window):
                teller.facts = planter.facts
                context = _valid(peer.compact(context, teller, window))
                size, known, made = weight(context), len(planter.facts), made + 1
                after = list(context)
                if made == k:
                    return after, known, made
    return after, known, made


async def reach(ours: Ours, facts: list[Fact], tell: Callable[[Fact], str]) -> float:
    """The share of facts that ``recall`` finds by their topic, in at most two calls: the search,
    and the entry that it names first."""
    store = await SqliteStore.memory()
    past = Past(store)
    info = an_info(project=project_id(ROOT))
    await store.create(info, [Append(body=entry.body) for entry in ours.path])
    path = {entry.id: entry for entry in await store.path(info.id)}
    found = 0
    for fact in facts:
        hits = await past.search(tell(fact), ROOT, 8)
        bodies = [path[hit.entry].body for hit in hits if hit.entry in path]
        texts = [text_of([body]) for body in bodies if isinstance(body, Message)]
        found += any(fact.value in text for text in (*texts, *(hit.snippet for hit in hits)))
    await store.aclose()
    return found / len(facts) if facts else 1.0


def _is_point(body: Body) -> bool:
    return isinstance(body, Message) and body.role != "assistant"


def _valid(context: Context) -> Context:
    return context or [user("")]
