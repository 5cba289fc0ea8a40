"""What the readable exports share: whole sessions walked run by run, and figures in words."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from msgspec import Struct

from ion_core.codec import decode_body
from ion_core.entries import Entry
from ion_core.ids import entry_id
from ion_core.messages import Message, ToolCall
from ion_core.sanitize import sanitize
from ion_core.sessions.moving import redacted
from ion_core.sessions.moving.lines import Described, Exported, Header
from ion_core.sessions.moving.outline import Run, runs
from ion_core.sessions.moving.reading import Departure
from ion_core.sessions.moving.redacted import Clean
from ion_core.sessions.wording import TARGETS, title_of
from ion_core.usage import Usage

ABOUT = 120
"""Characters of what a call is about."""


class Shown(Struct, frozen=True, kw_only=True):
    """An entry as it is shown, what it cost (None: unknown or nothing), and its labels."""

    entry: Entry
    cost_nano: int | None
    labels: tuple[str, ...] = ()


class Telling:
    """A session to be read by people, from its beginning. :meth:`begin` first."""

    def __init__(self, departure: Departure, clean: Clean | None) -> None:
        self._departure, self._clean = departure, clean
        self._costs: dict[int, int | None] = {}
        self._labels: dict[int, list[str]] = {}
        self._tips: dict[int, list[str]] = {}
        self.runs: list[Run] = []
        self.titles: dict[int, str] = {}

    async def begin(self) -> Header:
        """The header; the runs and their titles are there afterwards."""
        header = await self._departure.header()
        self._costs = await self._departure.costs()
        self._labels, self._tips = await self._departure.labels(), await self._departure.tips()
        nodes, head = await self._departure.skeleton(), await self._departure.head()
        self.runs = runs(nodes, head)
        wanted = [run.title for run in self.runs if run.title is not None]
        async for page in self._departure.chosen(wanted):
            for each in page:
                body = self._shown(each).entry.body
                if isinstance(body, Message):
                    self.titles[each.row] = title_of(body.text)
        return header if self._clean is None else redacted.header(header, self._clean)

    def title(self, run: Run) -> str:
        """What a run is about."""
        words = "" if run.title is None else self.titles.get(run.title, "")
        return sanitize(words) or "(no prompt)"

    def facts(self, run: Run) -> str:
        """The branches that end in a run, and what it has and cost."""
        names = [name for row in run.rows for name in self._tips.get(row, ())]
        costs = [cost for row in run.rows if (cost := self._costs.get(row)) is not None]
        size = f"{len(run.rows)} {'entry' if len(run.rows) == 1 else 'entries'}"
        told = (*map(self._plain, names), size, money(sum(costs) or None))
        return " · ".join(fact for fact in told if fact)

    def _plain(self, text: str) -> str:
        return sanitize(text if self._clean is None else self._clean(text))

    async def entries(self, run: Run) -> AsyncIterator[Shown]:
        """The entries of a run in order."""
        async for page in self._departure.chosen(run.rows):
            for each in page:
                yield self._shown(each)

    def _shown(self, exported: Exported) -> Shown:
        body = decode_body(exported.body)
        entry = Entry(
            id=entry_id(exported.row),
            parent=None if exported.parent_row is None else entry_id(exported.parent_row),
            at=exported.at,
            body=body if self._clean is None else redacted.body(body, self._clean),
        )
        labels = tuple(self._plain(label) for label in self._labels.get(exported.row, ()))
        return Shown(entry=entry, cost_nano=self._costs.get(exported.row), labels=labels)


def about_call(call: ToolCall) -> str:
    """What a call is about: the beginning of its command, its path or the like; "called" when
    nothing says."""
    said = (call.arguments.get(name) for name in TARGETS)
    about = next((" ".join(each.split()) for each in said if isinstance(each, str) and each), "")
    return (about if len(about) <= ABOUT else about[: ABOUT - 1] + "…") or "called"


def when(at: float) -> str:
    """A time in this machine's zone."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def money(cost_nano: int | None) -> str:
    """Dollars; "" when nobody knows."""
    if cost_nano is None:
        return ""
    return f"${cost_nano / 1e9:.2f}" if cost_nano >= 10_000_000 else f"${cost_nano / 1e9:.4f}"


def tokens(usage: Usage) -> str:
    """The tokens of a session or an answer."""
    cached = f" ({usage.cache_read:,} from the cache)" if usage.cache_read else ""
    return f"{usage.prompt:,} tokens in{cached}, {usage.output:,} out"


def heading(header: Header) -> tuple[str, list[tuple[str, str]]]:
    """The title, and the facts below it."""
    told = header.session
    cost = money(told.cost_nano) if told.cost_known else f"at least {money(told.cost_nano)}"
    facts = [
        ("Model", told.model),
        ("Folder", told.cwd),
        ("Begun", when(told.created_at)),
        ("Last message", when(told.updated_at)),
        ("Tokens", tokens(told.usage)),
        ("Cost", cost),
        ("About", told.description or ""),
        ("Tags", ", ".join((*header.tags, *(["pinned"] if told.pinned else [])))),
        ("Came from", _origin(told)),
        ("Session", told.id),
    ]
    title = sanitize(told.title or told.preview or "Session")
    return title, [(name, sanitize(value)) for name, value in facts if value]


def _origin(told: Described) -> str:
    """The kind of a session that is not one of its own, and the session that it came from."""
    if told.parent is None:
        return ""
    return f"{told.parent} ({told.kind})" if told.kind != "main" else told.parent
