"""ion itself: the code of the product, with a played model to sum up."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from ion_core.compaction.base import CannotCompact, Said, Task
from ion_core.compaction.ceilings import Ceilings, ceilings
from ion_core.compaction.compactor import CheckpointCompactor
from ion_core.compaction.sizes import size
from ion_core.config.schema import CompactionSettings
from ion_core.context.ledgers import ledgers, render
from ion_core.context.projector import project
from ion_core.context.reading import reading
from ion_core.entries import Body, Compaction, Entry
from ion_core.ids import EntryId, entry_id
from ion_core.messages import Message, Text
from ion_core.providers.base import ModelInfo, Request
from tests.bench_context.peers import Context, shown
from tests.bench_context.summarisers import Teller

ROOT = Path("/work/shop")
KEEP = CompactionSettings().keep_recent_tokens
_ROOM = re.compile(r"at most (\d+) tokens in all")
MODEL = ModelInfo(provider="bench", id="m")


class Ours:
    """A session that is compacted as the product does it. ``share`` makes ledgers and what stays
    smaller (1: as in the product); ``checkpoint`` is the setting ``compaction.checkpoint_tokens``,
    and then nothing stays beside the checkpoint."""

    def __init__(
        self,
        teller: Teller,
        window: int,
        share: float = 1.0,
        soft: int = 0,
        checkpoint: int = 0,
    ) -> None:
        self.path: list[Entry] = []
        self._teller, self._share = teller, share
        self._keep = 0 if checkpoint else int(KEEP * share)
        self.limits: Ceilings = ceilings(window, 0, soft, checkpoint)
        self.weight = self.compactions = 0

    def add(self, body: Body, at: float = 0.0) -> None:
        """One more entry."""
        self._append(body, at)
        self.weight += size(body) if isinstance(body, Message) else 0

    async def make_room(self) -> bool:
        """Compact if the product would; whether a checkpoint was made."""
        if self.weight < self.limits.soft:
            return False
        task = self._task()
        try:
            made = (await CheckpointCompactor().compact(task, self._ask)).entry
        except CannotCompact:
            return False
        self._append(made, self.path[-1].at)
        self.weight = sum(map(size, self.context))
        self.compactions += isinstance(made, Compaction)
        return isinstance(made, Compaction)

    @property
    def context(self) -> Context:
        """What a model reads now."""
        return reading(self.path)

    def _append(self, body: Body, at: float) -> None:
        parent = self.path[-1].id if self.path else None
        id_ = EntryId(entry_id(len(self.path) + 1))
        self.path.append(Entry(id=id_, parent=parent, at=at, body=body))

    def _task(self) -> Task:
        request = project(self.path, system="You are ion.", tools=(), model=MODEL)
        found = partial(self._ledgers, list(self.path))
        task = Task(
            entries=list(self.path),
            request=request,
            tokens=self.weight,
            ceilings=self.limits,
            ledgers=found,
            keep=self._keep,
            window=self.limits.window,
        )
        return task if self._share == 1 else replace(task, reason="overflow", cached=True)

    def _ledgers(self, path: list[Entry], kept: int) -> str:
        found = ledgers(path, root=ROOT, spoken=len(path) - kept)
        soft = int(self.limits.soft * self._share)
        return render(found, soft=soft, most=min(soft // 5, self.limits.ledgers))

    async def _ask(self, request: Request) -> Said:
        """The played model sees what the request shows."""
        context = list(request.messages)
        prior = "\n".join(m.text for m in context[:2] if "<context_checkpoint" in m.text)
        wanted = _ROOM.search(context[-1].text)
        most = int(wanted[1]) if wanted else 0
        text = self._teller.sum_up(shown(context[:-1]) or context[0].text, prior, most)
        return Said(message=Message(role="assistant", parts=(Text(text=text),)), model="bench/m")
