"""What a person gave to a skill or a command, put where its text wants it."""

from __future__ import annotations

import re
import shlex
from typing import Final

_WORD: Final = re.compile(r"\$(\d{1,2})\b")


def filled(text: str, args: str, *, first: int) -> str:
    """``text`` with the arguments in their places; ``first`` is the number of the first word."""
    words = split(args)

    def word(found: re.Match[str]) -> str:
        at = int(found[1]) - first
        return words[at] if 0 <= at < len(words) else ""

    is_named = "$ARGUMENTS" in text or _WORD.search(text) is not None
    text = _WORD.sub(word, text).replace("$ARGUMENTS", args)
    return text if is_named or not args else f"{text}\n\nARGUMENTS: {args}"


def split(args: str) -> list[str]:
    """The words of arguments, quoted ones together."""
    try:
        return shlex.split(args)
    except ValueError:  # an apostrophe, say
        return args.split()
