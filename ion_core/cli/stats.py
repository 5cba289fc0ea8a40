"""``ion stats``: tokens, cost and cache reads, by model, project, session and purpose.

Sums of what providers reported and of what it cost at the time. A cost that nobody knows stays
unknown: beside known ones it makes the sum a lower bound.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import add
from typing import Any

import msgspec
from msgspec import Struct

from ion_core.cli.columns import aligned, short
from ion_core.config.paths import ion_home
from ion_core.sessions.spending import Spent
from ion_core.usage import Usage

DAY_S = 86_400
SESSIONS = 10
"""How many sessions are listed: the dearest."""

HEAD = ("REQUESTS", "INPUT", "CACHE READ", "CACHE WRITE", "OUTPUT", "THINKING", "CACHED", "COST")
Key = Callable[[Spent], str]


class Sum(Struct, frozen=True, kw_only=True):
    """What several rows come to. ``cost_nano`` is a lower bound when some are ``unpriced``."""

    rows: tuple[Spent, ...]
    requests: int
    usage: Usage
    cost_nano: int
    unpriced: int

    @property
    def cached(self) -> float | None:
        """The share of all prompts that was read from a cache, 0 to 1."""
        return self.usage.cache_read / self.usage.prompt if self.usage.prompt else None


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion stats``."""
    parser.add_argument(
        "--days", type=_days, default=0, metavar="N", help="of the last N days (default: all)"
    )
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print the sums; the exit code."""
    import asyncio  # start-up: not for --help

    since = time.time() - options.days * DAY_S if options.days else 0.0
    spent = asyncio.run(_spent(since))
    print(as_json(spent, since) if options.json else as_text(spent, options.days))
    return 0


def _days(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of days")
    return int(text)


async def _spent(since: float) -> list[Spent]:
    from ion_core.sessions.sqlite import SqliteStore  # start-up: as above

    store = await SqliteStore.open(ion_home() / "sessions.db")
    try:
        return await store.spending(since=since)
    finally:
        await store.aclose()


def total(rows: Iterable[Spent]) -> Sum:
    """The sum of some rows."""
    kept = tuple(rows)
    return Sum(
        rows=kept,
        requests=sum(row.requests for row in kept),
        usage=reduce(add, (row.usage for row in kept), Usage()),
        cost_nano=sum(row.cost_nano for row in kept),
        unpriced=sum(row.unpriced for row in kept),
    )


def grouped(rows: Iterable[Spent], key: Key) -> list[Sum]:
    """The sums of the rows that ``key`` says the same of; the dearest first, then the largest."""
    groups: dict[str, list[Spent]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    sums = [total(group) for group in groups.values()]
    return sorted(sums, key=lambda each: (each.cost_nano, each.usage.total), reverse=True)


def as_json(spent: Sequence[Spent], since: float) -> str:
    """``since`` is in seconds since the epoch, null for everything; a cost with an unknown part is
    null, and ``known_cost_usd`` is the rest of it."""
    value = {
        "since": since or None,
        "total": _figures(total(spent)),
        "by_model": [{"model": s.rows[0].model, **_figures(s)} for s in grouped(spent, _model)],
        "by_project": [{**_project_of(s), **_figures(s)} for s in grouped(spent, _project)],
        "by_session": [{**_session_of(s), **_figures(s)} for s in _dearest(spent)],
        "by_purpose": [
            {"purpose": s.rows[0].purpose, **_figures(s)} for s in grouped(spent, _purpose)
        ],
    }
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


def _project_of(group: Sum) -> dict[str, Any]:
    row = group.rows[0]
    return {"project": row.project or None, "cwd": row.cwd or None}


def _session_of(group: Sum) -> dict[str, Any]:
    row = group.rows[0]
    return {"session": row.session, "title": row.title or None, **_project_of(group)}


def _figures(group: Sum) -> dict[str, Any]:
    return {
        "requests": group.requests,
        **msgspec.to_builtins(group.usage),
        "cached": None if group.cached is None else round(group.cached, 4),
        "cost_usd": None if group.unpriced else group.cost_nano / 1e9,
        "known_cost_usd": group.cost_nano / 1e9,
        "unpriced_requests": group.unpriced,
    }


def _model(row: Spent) -> str:
    return row.model


def _project(row: Spent) -> str:
    return row.project


def _session(row: Spent) -> str:
    return row.session


def _purpose(row: Spent) -> str:
    return row.purpose


def _dearest(spent: Sequence[Spent]) -> list[Sum]:
    return grouped(spent, _session)[:SESSIONS]


def as_text(spent: Sequence[Spent], days: int) -> str:
    """A table for each question, under one heading."""
    when = f"in the last {days} days" if days else "so far"
    if not spent:
        return f"Nothing was asked of any model {when}."
    parts = [
        _table("ALL", [(f"{when}", total(spent))]),
        _table("MODEL", [(s.rows[0].model, s) for s in grouped(spent, _model)]),
        _table("PROJECT", [(s.rows[0].cwd or "(gone)", s) for s in grouped(spent, _project)]),
        _table("SESSION", [(_label(s.rows[0]), s) for s in _dearest(spent)]),
        _table("PURPOSE", [(s.rows[0].purpose, s) for s in grouped(spent, _purpose)]),
    ]
    return "\n\n".join(parts)


def _label(row: Spent) -> str:
    title = " ".join(row.title.split())
    return f"{row.session}  {title[:39] + '…' if len(title) > 40 else title}".rstrip()


def _table(what: str, groups: Sequence[tuple[str, Sum]]) -> str:
    return aligned((what, *HEAD), [(label, *_cells(group)) for label, group in groups], left=(0,))


def _cells(group: Sum) -> tuple[str, ...]:
    usage = group.usage
    tokens = (usage.input, usage.cache_read, usage.cache_write, usage.output)
    return (
        str(group.requests),
        *(short(number) for number in tokens),
        "unknown" if usage.reasoning is None else short(usage.reasoning),
        "–" if group.cached is None else f"{group.cached:.0%}",
        _cost(group),
    )


def _cost(group: Sum) -> str:
    if group.unpriced == group.requests:
        return "unknown"
    dollars = group.cost_nano / 1e9
    amount = f"${dollars:.2f}" if dollars >= 0.995 or not dollars else f"${dollars:.4f}"
    return f"≥ {amount}" if group.unpriced else amount
