"""Runs a command and ends it when standard input closes: ``python watch.py COMMAND…``.

A process that is killed cannot tidy up, but the kernel closes its pipes. So a server that ion
starts is run by this file, whose standard input is a pipe that ion holds. It imports nothing of
ion, and its exit code is the command's.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

GRACE_S = 3.0
"""Seconds between asking the command to end and killing it."""


def main(command: list[str]) -> int:
    """Run ``command`` until it ends or standard input does."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    threading.Thread(target=_end_with_input, args=(child,), daemon=True).start()
    code = child.wait()
    return code if code >= 0 else 128 - code


def _end_with_input(child: subprocess.Popen[bytes]) -> None:
    while os.read(0, 4096):
        pass
    child.terminate()
    try:
        child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
