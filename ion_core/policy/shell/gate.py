"""Which texts are looked at at all: plain, short, visible ones (rule C1).

What a person cannot see in a command, or what parsers of shells disagree about, is not worth
understanding: it asks.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from ion_core.policy.base import Unproved

LONGEST_BYTES: Final = 10_000

_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"})
# Letters and marks that draw nothing: Hangul fillers, the grapheme joiner, variation selectors.
_BLANK: Final = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\ufe00-\ufe0f]")
_BLANK_TAGS: Final = re.compile("[\U000e0000-\U000e0fff]")
_PLAIN: Final = re.compile(r"[\t\n -~]*")


def check_text(text: str) -> None:
    """Raises ``Unproved`` for a text that is not looked at."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise Unproved("The command is not valid UTF-8.", "shell.encoding") from error
    if size > LONGEST_BYTES:
        raise Unproved(f"The command is longer than {LONGEST_BYTES:,} bytes.", "shell.length")
    if _PLAIN.fullmatch(text):
        return
    for character in text:
        if _is_hidden(character):
            raise Unproved(
                f"The command holds U+{ord(character):04X}, which cannot be seen or is read "
                "differently by different programs.",
                "shell.characters",
            )


def _is_hidden(character: str) -> bool:
    if character in " \t\n":
        return False
    hidden = unicodedata.category(character) in _CATEGORIES
    return hidden or bool(_BLANK.match(character) or _BLANK_TAGS.match(character))
