"""``make bench-context``: what compactions keep and cost, beside what others do.

    python -m tests.bench_context [--only retention|peers|cost] [--seeds N] [--json FILE]

Deterministic for its seeds. It prints Markdown; ``docs/context.md`` holds a run of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.bench_context import cost
from tests.bench_context.facts import KINDS, Fact, Planter
from tests.bench_context.peers import PEERS, weight
from tests.bench_context.retention import Score, play_ours, play_peer, reach
from tests.bench_context.sessions import generated, planted, recorded_paths, recordings
from tests.bench_context.summarisers import TELLERS

WINDOWS = (32_000, 128_000, 200_000, 1_000_000)
COUNTS = (1, 3, 6)
MOST_TOKENS = 1.2
LITTLE = 1_500
"""Tokens of a checkpoint that are about what those keep who keep nothing beside a summary."""
SHORT = {32_000: "32k", 128_000: "128k", 200_000: "200k", 1_000_000: "1M"}


class Report:
    """Rows that are printed at once and kept for the file."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.gates: list[tuple[str, bool]] = []

    def heading(self, text: str, *columns: str) -> None:
        print(f"\n## {text}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}", flush=True)

    def row(self, table: str, *cells: object) -> None:
        self.rows.append({"table": table, "cells": [str(cell) for cell in cells]})
        print(f"| {' | '.join(map(str, cells))} |", flush=True)

    def gate(self, text: str, holds: bool) -> None:
        self.gates.append((text, holds))


async def retention(report: Report, seeds: int) -> None:
    """ion alone: windows, compactions and models that sum up."""
    columns = ("window", "k", "model", "all", *KINDS, "tokens", "per 1k", "reachable", "wrong")
    report.heading("What ion keeps", *columns)
    for window in WINDOWS:
        for k in COUNTS:
            for name in TELLERS:
                if (name == "oracle" and k > 1) or (window == 1_000_000 and k > 1):
                    continue  # a minute each, and nothing new
                score, reached = await _ours(window, k, name, seeds)
                shares = [f"{score.share(kind):.2f}" for kind in KINDS]
                report.row(
                    "retention",
                    *(SHORT[window], k, name, f"{score.share():.2f}", *shares),
                    *(f"{score.size / 1000:.1f}k", f"{score.per_thousand:.2f}"),
                    *(f"{reached:.3f}", score.wrong),
                )
                _retention_gates(report, window, k, name, score, reached)


async def _ours(window: int, k: int, name: str, seeds: int) -> tuple[Score, float]:
    score, reached = Score("ion"), []
    for seed in range(seeds):
        planter = Planter(seed)
        teller = TELLERS[name](seed)
        ours, known = await play_ours(generated(planter, seed), planter, teller, window, k)
        facts = planter.facts[:known]
        score.add(facts, ours.context, ours.compactions)
        if seed == 0:
            reached.append(await reach(ours, facts, _topic))
    return score, sum(reached) / len(reached)


def _topic(fact: Fact) -> str:
    return f"{fact.topic}Error" if fact.kind == "error" else fact.topic


def _retention_gates(
    report: Report, window: int, k: int, name: str, score: Score, reached: float
) -> None:
    where = f"{SHORT[window]}, k={k}, {name}"
    if name == "hostile":
        sure = score.share("constraint", "modified", "error", "todo")
        report.gate(f"{where}: all ≥ .60 ({score.share():.2f})", score.share() >= 0.60)
        report.gate(f"{where}: constraint, modified, error, todo = 1 ({sure:.2f})", sure == 1.0)
    if name == "lossy" and window in (128_000, 200_000):
        least = 0.85 if window == 200_000 else 0.80
        report.gate(f"{where}: all ≥ {least} ({score.share():.2f})", score.share() >= least)
    report.gate(f"{where}: reachable ≥ .99 ({reached:.3f})", reached >= 0.99)


async def peers(report: Report, seeds: int) -> None:
    """Each peer, and ion with no more than 1.2 times its tokens."""
    columns = (
        "window",
        "model",
        "who",
        "compactions",
        "all",
        *KINDS,
        "tokens",
        "ion",
        "ion tokens",
    )
    report.heading("Beside others", *columns)
    for window in (128_000, 200_000):
        for name in ("lossy", "hostile"):
            for peer in PEERS:
                theirs, ours = Score(peer.name), Score("ion")
                for seed in range(seeds):
                    planter = Planter(seed)
                    teller = TELLERS[name](seed)
                    turns = generated(planter, seed)
                    context, known, made = play_peer(turns, planter, teller, window, 3, peer)
                    theirs.add(planter.facts[:known], context, made)
                    most = MOST_TOKENS * theirs.tokens[-1]
                    ours.add(*await _within(most, window, name, seed))
                shares = [f"{theirs.share(kind):.2f}" for kind in KINDS]
                report.row(
                    "peers",
                    *(SHORT[window], name, peer.name, theirs.compactions[0]),
                    *(f"{theirs.share():.2f}", *shares, f"{theirs.size / 1000:.1f}k"),
                    *(f"{ours.share():.2f}", f"{ours.size / 1000:.1f}k"),
                )
                text = f"{SHORT[window]}, {name}: above {peer.name}"
                better = ours.share() > theirs.share() and ours.size <= MOST_TOKENS * theirs.size
                report.gate(f"{text} ({ours.share():.2f} > {theirs.share():.2f})", better)


async def _within(most: float, window: int, name: str, seed: int) -> tuple[list[Fact], Any, int]:
    """ion with as much as fits into so many tokens."""
    shares = [(0.7**n, 0) for n in range(6)]
    checkpoints = [(1.0, int(most * 0.9**n)) for n in range(6)]
    for share, checkpoint in (*shares, *checkpoints):
        planter = Planter(seed)
        teller = TELLERS[name](seed)
        turns = generated(planter, seed)
        ours, known = await play_ours(turns, planter, teller, window, 3, share, checkpoint)
        if weight(ours.context) <= most:
            break
    return planter.facts[:known], ours.context, ours.compactions


async def recorded(report: Report) -> None:
    """Facts between the turns of real sessions."""
    found = await recordings()
    if not found:
        print("\n(No recordings beside the checkout.)")
        return
    report.heading("Real sessions", "session", "window", "model", "compactions", "all", "tokens")
    for name, messages in found.items():
        for window in (32_000, 128_000):
            for model in ("lossy", "hostile"):
                planter, teller = Planter(1), TELLERS[model](1)
                turns = planted(messages, planter)
                ours, known = await play_ours(turns, planter, teller, window, 0)
                score = Score("ion")
                score.add(planter.facts[:known], ours.context, ours.compactions)
                cells = (ours.compactions, f"{score.share():.2f}", f"{score.size / 1000:.1f}k")
                report.row("recorded", name, SHORT[window], model, *cells)


async def costs(report: Report) -> None:
    """The bill of real sessions."""
    for name, path in (await recorded_paths()).items():
        for cache, ttl_s, block in (("5 min", 300, 1), ("1 h", 3_600, 1), ("blocks", 600, 128)):
            columns = ("strategy", "compactions", "hits", "cost", "peak")
            report.heading(f"Cost of {name}, cache {cache}", *columns)
            trigger = int(0.85 * cost.WINDOW) - cost.SYSTEM
            mine = [await cost.ours(path, ttl_s, block, size) for size in (0, LITTLE)]
            bills = [await cost.peer(path, n, ttl_s, block, trigger) for n in range(len(PEERS))]
            others = [await cost.masked(path, keep, ttl_s, block) for keep in (10, 3)]
            others.append(await cost.pruned(path, ttl_s, block))
            for bill in [*mine, *bills, *others]:
                cells = (bill.compactions, f"{bill.hits:.4f}", f"{bill.cost / 1e6:.3f}M")
                report.row("cost", bill.name, *cells, f"{bill.peak / 1000:.0f}k")
            least = min(bill.cost for bill in bills)
            for bill in mine:
                where = f"cost, {name}, {cache}, {bill.name}"
                report.gate(f"{where}: hits ≥ .985 ({bill.hits:.4f})", bill.hits >= 0.985)
                text = f"{where}: ≤ the cheapest at its trigger ({bill.cost / least:.3f})"
                report.gate(text, bill.cost <= least)


async def main(words: list[str]) -> int:
    """Run what is asked for; 0 when every gate holds."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench_context")
    parser.add_argument("--only", choices=["retention", "peers", "cost", "recorded"])
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args(words)
    report, began = Report(), time.monotonic()
    if options.only in (None, "retention"):
        await retention(report, options.seeds)
    if options.only in (None, "peers"):
        await peers(report, options.seeds)
    if options.only in (None, "recorded"):
        await recorded(report)
    if options.only in (None, "cost"):
        await costs(report)
    missed = [text for text, holds in report.gates if not holds]
    print(f"\n{len(report.gates) - len(missed)} of {len(report.gates)} gates hold.")
    print("".join(f"- missed: {text}\n" for text in missed))
    print(f"{time.monotonic() - began:.0f} s")
    if options.json:
        options.json.write_text(json.dumps({"rows": report.rows, "gates": report.gates}))
    return bool(missed)


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
