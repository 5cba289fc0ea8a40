"""The ``ion`` command: opens the app, or hands over to the headless half.

Textual is imported for the app alone, after everything that can be wrong has been said.
"""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

from ion_core.cli.main import COMMANDS
from ion_core.cli.main import main as core_main

if TYPE_CHECKING:
    import argparse


SWITCH_S = 0.0005
"""How long a busy thread keeps the interpreter from one that waits. A key takes it several times
on its way from the terminal's thread to the screen; with Python's 5 ms that alone took 20."""


def main() -> None:
    """Entry point of the console script."""
    code = core_main(app=open_app)
    sys.stdout.flush()
    sys.stderr.flush()
    if sys.argv[1:2] and sys.argv[1] in COMMANDS:
        os._exit(code)  # everything is closed and flushed; tearing modules down costs 25 ms
    sys.exit(code)


def open_app(options: argparse.Namespace) -> int:
    """Run the full-screen app in a folder, or show a recorded run; the exit code."""
    if recording := getattr(options, "recording", None):
        from ion_tui.replay import ReplayApp

        ReplayApp(recording).run()
        return 0
    from ion_core.cli.run import folder

    cwd = folder(options.path)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("ion: the app needs a terminal. Without one: ion run TASK", file=sys.stderr)
        return 2
    os.environ.setdefault("TEXTUAL_FPS", "120")
    sys.setswitchinterval(SWITCH_S)
    gc.disable()  # start-up: a fifth of the time to the first paint; the app enables it again
    from ion_tui.guarded import GuardedApp

    return GuardedApp.open(cwd, options)
