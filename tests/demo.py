"""``make run`` without a terminal: one small job, headless, on the model that ``make run`` uses.

With a key in the environment or a server on this machine that is the model; with neither the
embedded one, which is fetched first. Works in a scratch folder and prints what is there afterwards.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from ion_core.cli.local import ProgressBar
from ion_core.config.load import load
from ion_core.config.paths import ion_home
from ion_core.errors import IonError
from ion_core.local.install import Installation, fetch_bytes
from ion_core.local.place import Place
from ion_core.roster import Roster

TASK = "create hello.py that prints the first ten primes and run it"
TRY_AGAIN_LATER = 75


def main() -> int:
    """Do the job; the exit code of ``ion run``, or 75 where the model cannot be fetched now."""
    with tempfile.TemporaryDirectory(prefix="ion-demo-") as name:
        folder = Path(name)
        try:
            if asyncio.run(_needs_embedded(folder)):
                _install(Place(ion_home()))
        except IonError as error:
            print(f"ion: {error}", file=sys.stderr)
            return TRY_AGAIN_LATER if error.retryable else 1
        return _work(folder)


async def _needs_embedded(folder: Path) -> bool:
    roster = Roster(load(folder).settings, os.environ, ion_home())
    try:
        return await roster.needs_embedded()
    finally:
        await roster.aclose()


def _install(place: Place) -> None:
    print(
        f"There is no key in the environment and no model server on this machine, so ion uses its "
        f"embedded model.\nFetching {place.model.title} and llama.cpp's server, "
        f"{fetch_bytes(place) / 1e9:.1f} GB, into {place.root}.",
        flush=True,
    )
    bar = ProgressBar()
    try:
        Installation(place, bar.show).run()
    finally:
        bar.end()


def _work(folder: Path) -> int:
    print(f"$ ion run {TASK!r}", flush=True)
    command = [sys.executable, "-m", "ion_core", "run", "--no-session", "--trust-once"]
    code = subprocess.run(
        [*command, "--max-turns", "16", "--cwd", str(folder), TASK],
        stdin=subprocess.DEVNULL,
        check=False,
    ).returncode
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        print(f"\n--- {path.relative_to(folder)}\n{path.read_text(errors='replace').rstrip()}")
    return code


if __name__ == "__main__":
    sys.exit(main())
