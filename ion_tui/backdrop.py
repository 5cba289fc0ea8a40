"""Which theme a setting means on this terminal: ``auto:DARK,LIGHT`` depends on its background.

The terminal is asked for its colour when ion starts (OSC 11, xterm's "Dynamic colors") and nobody
waits for the answer: until it comes, if ever, the dark theme is right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from textual.events import Key

from ion_tui import themes

QUESTION = "\x1b]11;?\x07"
DEAF = ("", "dumb", "linux")
"""Values of TERM whose terminals know no colours of their own, and might print the question."""
_BEGINNING = "\x1b]11;"
_COLOUR = (
    r"rgb:([0-9a-fA-F]{4})/([0-9a-fA-F]{4})/([0-9a-fA-F]{4})"
    r"|rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})(?:/[0-9a-fA-F]{1,4})?\x07"
)
"""Four digits each are whole before their end comes, which may be ``BEL`` or ``ESC \\``; the driver
takes the second for a new key. Fewer digits, or an alpha, are whole with their ``BEL``. Start-up:
compiled when a terminal answers."""
LIGHT = 0.5


class BackdropTold(Key):
    """The terminal told its background: how bright it is, from 0 (black) to 1 (white). It comes by
    the way of keys, which is the one that the driver offers."""

    def __init__(self, brightness: float) -> None:
        super().__init__("background", None)
        self.brightness = brightness


def answer(sequence: str) -> BackdropTold | None:
    """The answer that a terminal gave, None for any other sequence."""
    if not sequence.startswith(_BEGINNING):
        return None
    match = re.fullmatch(_COLOUR, sequence[len(_BEGINNING) :])
    if match is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in match.groups() if part)
    # ITU-R BT.601: how bright each primary looks.
    return BackdropTold(0.299 * red + 0.587 * green + 0.114 * blue)


def question(env: Mapping[str, str]) -> str:
    """What to send to the terminal, nothing where that is no use."""
    return "" if env.get("TERM", "") in DEAF else QUESTION


class Backdrop:
    """``setting`` is a theme's name or ``auto:DARK,LIGHT``; ``brightness`` is what was told."""

    def __init__(self) -> None:
        self.setting, self.brightness = themes.DEFAULT, 0.0

    @property
    def theme(self) -> str:
        """The name of the theme."""
        dark, _, light = self.setting.removeprefix("auto:").partition(",")
        return light.strip() if light and self.brightness > LIGHT else dark.strip()
