"""A mention (``@path``) that is being written: what is there of it, and the text with it whole."""

from __future__ import annotations

import re
from typing import Final

_MENTION: Final = re.compile(r'(?:^|(?<=[\s(]))@("?)([^\s"]*)\Z')


def mention_begun(head: str) -> str | None:
    """What was written of a mention up to the cursor, at the end of ``head``; None outside one."""
    mention = _MENTION.search(head)
    return None if mention is None else mention[2]


def completed(text: str, head: str, value: str) -> tuple[str, int] | None:
    """``text`` with a mention that was begun before its cursor, at the end of ``head``, completed,
    and where the cursor stands then; None when none was begun."""
    mention = _MENTION.search(head)
    if mention is None:
        return None
    path = value.removeprefix("@")
    written = f'@"{path}"' if " " in path else f"@{path}"
    ending = "" if path.endswith("/") else " "
    start = head[: mention.start()] + written + ending
    return start + text[len(head) :].lstrip(" "), len(start)
