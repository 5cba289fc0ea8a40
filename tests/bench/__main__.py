"""``python -m tests.bench``, which is ``make bench``: every measurement, and the table of them.

Linux only, since processor time and memory are read from ``/proc``. A measurement that fails says
so on standard error, and the exit code is 1; the others are printed all the same.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import msgspec

from tests.bench.machine import facts
from tests.bench.row import Row
from tests.bench.scratch import ROOT
from tests.bench.table import render

MEASUREMENTS = (
    "first_request",
    "tool_gap",
    "screen_start",
    "screen_stream",
    "screen_open",
    "bus_flow",
    "store_speed",
    "store_search",
    "store_library",
    "import_speed",
    "delta_cost",
    "sandbox_start",
)
TRANSCRIPT = "transcript"
"""The transcript by itself, without a terminal; it prints lines of its own beneath the table."""


def main(argv: Sequence[str]) -> int:
    options = _options(argv)
    rows, failed = [], False
    chosen = options.only or [*MEASUREMENTS, TRANSCRIPT]
    for name in [name for name in chosen if name != TRANSCRIPT]:
        found = _measured(name, options.runs)
        failed = failed or not found
        rows += found
    if options.json:
        told = {"facts": facts(argv), "rows": rows}
        print(msgspec.json.encode(told).decode())
    else:
        print(render(rows, facts(argv)), flush=True)
        failed = (TRANSCRIPT in chosen and not _transcript()) or failed
    return int(failed)


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "--only", action="append", choices=[*MEASUREMENTS, TRANSCRIPT], help="one, or several"
    )
    parser.add_argument("--runs", type=int, default=9, help="starts of each program (default 9)")
    parser.add_argument("--json", action="store_true", help="with every sample")
    return parser.parse_args(argv)


def _measured(name: str, runs: int) -> list[Row]:
    print(f"measuring {name} …", file=sys.stderr)
    try:
        rows: list[Row] = import_module(f"tests.bench.{name}").measure(runs)
    except Exception:
        traceback.print_exc()
        return []
    return rows


def _transcript() -> bool:
    print("The transcript by itself (milliseconds, megabytes):", flush=True)
    bench = [sys.executable, "-m", "tests.bench.transcript_bench"]
    return subprocess.run(bench, cwd=ROOT, check=False).returncode == 0


sys.exit(main(sys.argv[1:]))
