"""``make test-model``: ten small tasks on a real model through the real ``ion run``.

Prints which hold and how long each took; the exit code is 0 when at least seven do. Flags are
passed on to ``ion run`` (``-m ollama/qwen3:4b``); bare numbers choose tasks. Without ``-m``, the
embedded model is used, wherever else a key or a server may be.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from ion_core.config.paths import ion_home
from ion_core.local.place import Place
from tests.e2e.ion_run import ion_run
from tests.e2e.small_tasks import TASKS, Task

ENOUGH = 7
MAX_STEPS = "16"
NOT_INSTALLED = 75


def main(words: list[str]) -> int:
    """Play the tasks; the exit code."""
    chosen = [TASKS[int(word) - 1] for word in words if word.isdigit()] or list(TASKS)
    flags = [word for word in words if not word.isdigit()]
    if not flags:
        place = Place(ion_home())
        if not place.ready():
            print("The embedded model is not installed. Run: .venv/bin/ion local install")
            return NOT_INSTALLED
        flags = ["-m", f"local/{place.model.id}"]
    held = [_played(number, task, flags) for number, task in enumerate(chosen, 1)]
    print(f"{sum(held)} of {len(held)} hold")
    return 0 if sum(held) >= min(ENOUGH, len(held)) else 1


def _played(number: int, task: Task, flags: list[str]) -> bool:
    with tempfile.TemporaryDirectory(prefix="ion-task-") as name:
        folder = Path(name)
        task.prepare(folder)
        began = time.monotonic()
        run = ion_run(task.prompt, folder, "--no-session", "--max-turns", MAX_STEPS, *flags)
        seconds = time.monotonic() - began
        holds = task.holds(folder, run.answer)
    steps = run.result.get("turns", 0)
    verdict = "holds" if holds else "FAILS"
    print(f"{number:>2}  {verdict}  {seconds:5.0f} s  {steps:>2} steps  {task.name}", flush=True)
    if not holds:
        print(f"    {run.answer or run.error}"[:300], flush=True)
    return holds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
