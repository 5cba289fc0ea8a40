"""A fresh process: nothing that a restricted thread needs may be read only afterwards."""

from __future__ import annotations

import subprocess
import sys

import msgspec
from sandbox_cell import Cell

SCRIPT = """
import asyncio, os, sys
from pathlib import Path
import msgspec
from ion_core.config.schema import SandboxSettings
from ion_core.confined import ConfinedLauncher
from ion_core.sandbox.base import Means
from ion_core.tools.process import Access, Command

async def main(root, own, means):
    launcher = ConfinedLauncher(SandboxSettings(), Path(own), os.environ, means)
    command = Command(
        argv=("bash", "-c", "echo ran; cat missing"), cwd=root,
        environment={"PATH": os.environ["PATH"]}, access=Access(profile="write", root=root))
    child = await launcher.start(command)
    while batch := await child.read():
        sys.stdout.buffer.write(batch)
    await child.stop()
    launcher.close()

asyncio.run(main(sys.argv[1], sys.argv[2], msgspec.json.decode(sys.argv[3], type=Means)))
"""


def test_the_first_command_of_a_process_runs(cell: Cell) -> None:
    means = msgspec.json.encode(cell.means).decode()
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(cell.root), str(cell.own), means],
        env=cell.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "ran\ncat: missing: No such file or directory\n", done.stderr
