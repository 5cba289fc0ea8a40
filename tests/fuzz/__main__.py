"""``make fuzz``: nothing that the classifier allows has an effect.

Usage: python -m tests.fuzz [COUNT [SEED]]. Every mutation is judged; what is allowed runs in a
traced sandbox. Exit 1 and the commands, when one of them did anything.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from ion_core.policy.shell.classify import classify
from ion_core.policy.shell.scene import Scene
from ion_core.tools.paths import Workspace
from tests.fuzz.ground import Ground
from tests.fuzz.mutations import mutations

TOGETHER = 100


def main(count: int, seed: int) -> int:
    """Judge and run; the exit code."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="ion-fuzz-", dir=_outside_tmp()) as folder:
        ground = Ground(Path(folder))
        workspace = Workspace(root=ground.workspace)
        scene = Scene(workspace, workspace.root, str(ground.home))
        made = dict.fromkeys(mutations(seed, count))
        allowed = [text for text in made if classify(text, scene).decision == "allow"]
        print(f"seed {seed}: {len(made):,} commands, {len(allowed):,} allowed", flush=True)
        culprits = list(_culprits(ground, allowed))
    for command, effects in culprits:
        print(f"EFFECT {command!r}: {'; '.join(effects[:3])}")
    print(f"{len(culprits)} had an effect ({time.monotonic() - began:.0f} s)")
    return 1 if culprits else 0


def _outside_tmp() -> str:
    """Not in /tmp, which the sandbox replaces."""
    return "/var/tmp"


def _culprits(ground: Ground, commands: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    for at in range(0, len(commands), TOGETHER):
        together = commands[at : at + TOGETHER]
        if ground.effects(together):
            for command in together:
                if effects := ground.effects([command]):
                    yield command, effects


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*(numbers + [100_000, int(time.time())][len(numbers) :])))
