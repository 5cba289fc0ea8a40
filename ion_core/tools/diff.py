"""The difference that a write made, for people and for models that check themselves."""

from __future__ import annotations

from typing import NamedTuple

from ion_core.tools.truncate import clip

_LARGEST = 2_000_000
_MOST_LINES = 2_000
_SHORT_CHARS = 2_000


class Difference(NamedTuple):
    """A unified diff (empty when the texts are too large to compare) and its counts."""

    diff: str
    added: int
    removed: int

    @property
    def summary(self) -> str:
        """As people read it: ``+2 −1``."""
        return f"+{self.added} −{self.removed}"

    @property
    def short(self) -> str:
        """The beginning of the diff without its file names, for a model that checks itself."""
        body = self.diff.partition("@@")[1:]
        return clip("".join(body), _SHORT_CHARS)


def difference(before: str, after: str, name: str) -> Difference:
    """What changed between two texts of the file ``name``."""
    if len(before) + len(after) > _LARGEST:
        return Difference("", after.count("\n"), before.count("\n"))
    import difflib  # deferred: 5 ms that only a write needs

    old, new = _lines(before), _lines(after)
    lines = list(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}", lineterm=""))
    body = lines[2:]
    added = sum(line.startswith("+") for line in body)
    removed = sum(line.startswith("-") for line in body)
    diff = "\n".join(lines[:_MOST_LINES]).encode("utf-8", "replace").decode()
    return Difference(diff, added, removed)


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    return lines[:-1] if lines[-1] == "" else lines
