"""What the sandbox adds to the start and end of ``true``: each start is held against a plain one
right before it, so that a busy machine slows both.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from pathlib import Path

from ion_core.config.schema import SandboxSettings
from ion_core.confined import ConfinedLauncher
from ion_core.sandbox.base import Means
from ion_core.tools.environment import child_environment
from ion_core.tools.process import Access, Command
from tests.bench.row import Floor, Row

STARTS = 100
UNTIMED = 5
LIMITS = {"full": 0.008, "reduced": 0.001}
"""Seconds, at the median (issue 4, paragraph 5)."""


def measure(runs: int) -> list[Row]:
    """A row for each protection that this machine has."""
    with tempfile.TemporaryDirectory(prefix="ion-bench-") as folder:
        return asyncio.run(_rows(Path(folder).resolve()))


async def _rows(folder: Path) -> list[Row]:
    own, root = folder / "ion", folder / "work"
    root.mkdir()
    plain = ConfinedLauncher(SandboxSettings(enabled="off"), own, os.environ)
    found = await plain.means()
    means = {"full": found, "reduced": Means(landlock=found.landlock, seccomp=found.seccomp)}
    rows = []
    for name, offered in means.items():
        if offered.protection == name:
            held = ConfinedLauncher(SandboxSettings(), own, os.environ, offered)
            rows.append(await _row(name, plain, held, str(root)))
            held.close()
    plain.close()
    return rows


async def _row(name: str, plain: ConfinedLauncher, held: ConfinedLauncher, root: str) -> Row:
    pairs = [(await _seconds(plain, root), await _seconds(held, root)) for _ in range(STARTS)]
    timed = pairs[UNTIMED:]
    return Row(
        name=f"sandbox ({name}): what it adds to true",
        unit="s",
        samples=tuple(sandboxed - bare for bare, sandboxed in timed),
        floors=(Floor(name="true without it", samples=tuple(bare for bare, _ in timed)),),
        must=LIMITS[name],
    )


async def _seconds(launcher: ConfinedLauncher, root: str) -> float:
    """From the wish to the last trace of it."""
    environment = child_environment(os.environ, cwd=root)
    access = Access(profile="write", root=root)
    command = Command(argv=("true",), cwd=root, environment=environment, access=access)
    began = time.monotonic()
    child = await launcher.start(command)
    while await child.read():
        pass
    await child.wait()
    await child.stop()
    return time.monotonic() - began
