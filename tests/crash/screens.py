"""The app in a terminal, begun after a death: it starts, shows what it should, and leaves."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from contextlib import suppress

import pyte

from tests.crash.house import House
from tests.fakes.pty_bytes import PtyBytes

SIZE = (40, 130)
PATIENCE_S = 30.0
RESTORED = b"\x1b[?1049l"
"""What leaves the alternate screen (xterm's control sequences, DECSET 1049)."""
_APP = "from ion_tui.cli import main; main()"


def shown(house: House, *wanted: str, words: Sequence[str] = (), wrap: Sequence[str] = ()) -> str:
    """What is missing on the screen of an app that was begun and left again; empty when all is
    there."""
    command = [*wrap, sys.executable, "-c", _APP, "--trust-once", *words]
    program = f"import os; os.execvp({command[0]!r}, {command!r})"
    terminal = PtyBytes(["-c", program], {**house.env, "LANG": "C.UTF-8"}, house.cwd, SIZE)
    try:
        terminal.until(lambda sent: all(each in _text(sent) for each in wanted), PATIENCE_S)
        _leave(terminal)
        code = terminal.ended()
        return f"the app left with {code}" if code else ""
    except AssertionError:
        return f"the app did not show {json.dumps(wanted)}: {_text(terminal.sent)[-600:]}"
    finally:
        terminal.close()


def _leave(terminal: PtyBytes) -> None:
    """Say so until it does: keys that come before the prompt is there are lost."""
    for _ in range(4):
        terminal.type("/quit\r")
        with suppress(AssertionError):
            terminal.until(lambda sent: RESTORED in sent, PATIENCE_S / 4)
            return
    raise AssertionError("it does not leave")


def _text(sent: bytes) -> str:
    """The words on the screen, one space between any two."""
    screen = pyte.Screen(SIZE[1], SIZE[0])
    # It knows neither of these, and would show their letters.
    plain = re.sub(rb"\x1b\[[<>=?][\d;]*u|\x1b\[\?\d+\$p|\x1b_[^\x1b]*\x1b\\", b"", sent)
    plain = re.sub(rb"\x1b\](?:22|11);[a-z?-]*(?:\x07|\x1b\\)", b"", plain)
    pyte.ByteStream(screen).feed(plain)
    return " ".join(" ".join(screen.display).split())
