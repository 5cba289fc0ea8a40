"""What a prompt refers to: ``@path``, ``@path:10-20``, ``@"a b.txt"``, ``@folder``, ``@https://…``.

An e-mail address, a decorator or a name is a mention only where such a file exists; a quoted one
is always meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from msgspec import Struct

MOST = 20
"""Mentions of one prompt that are followed."""
MOST_LOOKS = 1_000
"""Words of a prompt, such as a long log, of which it is looked whether they are paths."""
_MENTION = re.compile(r'(?<![\w@/.`])@(?:"([^"\n]+)"((?::\d+(?:-\d+)?)?)|([^\s"`]+))')
_LINES = re.compile(r"(.+):(\d+)(?:-(\d+))?")
_AROUND = ".,;:!?)]}>'"


class Mention(Struct, frozen=True, kw_only=True):
    """A path or an address; ``first`` and ``last`` are lines from 1, 0 where none were named."""

    source: str
    path: str
    first: int = 0
    last: int = 0

    @property
    def is_url(self) -> bool:
        return self.path.startswith(("http://", "https://"))

    def asked(self, *, is_folder: bool) -> tuple[str, dict[str, Any]]:
        """The tool that reads it, and its arguments."""
        if self.is_url:
            return "web_fetch", {"url": self.path}
        if is_folder:
            return "list", {"path": self.path}
        lines: dict[str, Any] = {"offset": self.first} if self.first else {}
        if self.last:
            lines["limit"] = max(1, self.last - self.first + 1)
        return "read", {"path": self.path, **lines}


def mentions(text: str, exists: Callable[[str], bool]) -> list[Mention]:
    """What is mentioned, in its order, each once; ``exists`` says of a path whether it is there."""
    found: dict[str, Mention] = {}
    for quoted, lines, plain in _MENTION.findall(text)[:MOST_LOOKS]:
        mention = _made(quoted, lines) if quoted else _meant(plain, exists)
        if mention is not None:
            found.setdefault(mention.source, mention)
    return list(found.values())[:MOST]


def _meant(plain: str, exists: Callable[[str], bool]) -> Mention | None:
    if plain.startswith(("http://", "https://")):
        return Mention(source=plain.rstrip(_AROUND), path=plain.rstrip(_AROUND))
    for name in dict.fromkeys((plain, plain.rstrip(_AROUND))):
        if name and exists(name):
            return Mention(source=name, path=name)
        if (parts := _LINES.fullmatch(name)) and exists(parts[1]):
            return _made(parts[1], name[len(parts[1]) :])
    return None


def _made(path: str, lines: str) -> Mention:
    first, _, last = lines.removeprefix(":").partition("-")
    one = int(first) if first else 0
    return Mention(source=path + lines, path=path, first=one, last=int(last) if last else one)
