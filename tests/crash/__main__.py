"""``python -m tests.crash``: the program dies at many points, and after each the laws are checked.

It prints a row for each kind of death and ends with 1 when a law was broken; what was broken is
named with the seed that shows it again.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.crash.deaths import DEATHS, SHARES, Impossible, Scene, busy
from tests.crash.house import House, duration_s
from tests.crash.play import ROUNDS, a_play


class Point(NamedTuple):
    """One death: how, and by which seed."""

    kind: str
    seed: int


class Outcome(NamedTuple):
    """What came of it."""

    point: Point
    broken: list[str]
    skipped: str
    seconds: float


def points(number: int, seed: int, kinds: list[str]) -> list[Point]:
    """So many points, shared among the kinds; those under load stand together."""
    whole = sum(SHARES[kind] for kind in kinds)
    shared = {kind: max(1, round(number * SHARES[kind] / whole)) for kind in kinds}
    return [
        Point(kind, seed * 100_000 + list(DEATHS).index(kind) * 10_000 + index)
        for kind in kinds
        for index in range(shared[kind])
    ]


class Harness:
    """Plays points in folders below ``root``."""

    def __init__(self, root: Path, rounds: int = ROUNDS) -> None:
        self._root, self._play = root, a_play(rounds)
        self._seconds, self._lines = duration_s(root / "measured", self._play)
        self._whole = self._came_to_its_end()

    def _came_to_its_end(self) -> Path:
        house = House(self._root / "whole", self._play)
        for _ in range(2):
            said = house.ion("run", "do all of it")
            assert said.code == 0, said.err
        house.ion("sessions", "list")  # the last to close it writes its log back
        return house.file

    def die(self, point: Point) -> Outcome:
        """One point, in a folder that stays only when a law was broken."""
        began, folder = time.monotonic(), self._root / f"{point.kind}-{point.seed}"
        scene = Scene(folder, self._play, self._seconds, self._lines, self._whole)
        broken, skipped = [], ""
        try:
            broken = DEATHS[point.kind](scene, random.Random(point.seed))
        except Impossible as reason:
            skipped = str(reason)
        except Exception as error:
            broken = [f"{type(error).__name__}: {error}"]
        if not broken:
            shutil.rmtree(folder, ignore_errors=True)
        return Outcome(point, broken, skipped, time.monotonic() - began)

    def all_of(self, wanted: list[Point], at_once: int) -> list[Outcome]:
        """Every point; those under load come last, while every processor is busy."""
        outcomes: list[Outcome] = []
        for under_load in (False, True):
            chosen = [each for each in wanted if (each.kind == "load") is under_load]
            with ExitStack() as stack:
                pool = stack.enter_context(ThreadPoolExecutor(at_once))
                if chosen and under_load:
                    stack.enter_context(busy(os.cpu_count() or 1))
                for outcome in pool.map(self.die, chosen):
                    outcomes.append(outcome)
                    _show(outcome)
        return outcomes


def _show(outcome: Outcome) -> None:
    for sentence in outcome.broken:
        print(f"{outcome.point.kind} {outcome.point.seed}: {sentence}", file=sys.stderr)


def _table(outcomes: list[Outcome], seconds: float) -> None:
    print(f"{'death':<10} {'points':>6} {'broken':>6} {'skipped':>7} {'s each':>7}")
    for kind in dict.fromkeys(outcome.point.kind for outcome in outcomes):
        rows = [outcome for outcome in outcomes if outcome.point.kind == kind]
        broken, skipped = (
            sum(bool(each) for each in column)
            for column in zip(*((row.broken, row.skipped) for row in rows), strict=True)
        )
        mean = sum(row.seconds for row in rows) / len(rows)
        why = next((f"  ({row.skipped})" for row in rows if row.skipped), "")
        print(f"{kind:<10} {len(rows):>6} {broken:>6} {skipped:>7} {mean:>7.1f}{why}")
    print(f"{len(outcomes)} points in {seconds:.0f} s")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--points", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kinds", default=",".join(DEATHS), help="some of: %(default)s")
    parser.add_argument("--only", type=int, default=0, metavar="SEED", help="one point of a kind")
    parser.add_argument("--at-once", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    kinds = options.kinds.split(",")
    wanted = points(options.points, options.seed, kinds)
    if options.only:
        wanted = [Point(kinds[0], options.only)]
    began, root = time.monotonic(), Path(tempfile.mkdtemp(prefix="ion-crash-"))
    outcomes = Harness(root).all_of(wanted, options.at_once)
    _table(outcomes, time.monotonic() - began)
    if any(outcome.broken for outcome in outcomes):
        print(f"What was broken is in {root}", file=sys.stderr)
        return 1
    shutil.rmtree(root, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
