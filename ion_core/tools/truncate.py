"""Output that is longer than a model should read: its beginning and its end.

An excerpt is fed piece by piece and holds no more than its limit, however much comes; the whole is
somewhere else (the spill file), and the gap says where.
"""

from __future__ import annotations

import re
from collections import deque

LIMIT = 30_000
"""Characters of a tool's output that a model reads at most."""

_HEAD_SHARE = 0.6
_GAP_ROOM = 400

_ESCAPES = (
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI, ECMA-48 §5.4
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\|$)"  # OSC, DCS, SOS, PM, APC with their strings
    r"|\x1b[ -/]*[0-~]"
)
_CONTROLS = "[\x00-\x08\x0b-\x1f\x7f-\x9f]"


class Excerpt:
    """The first 60 % and the last 40 % of a text that grows, within ``limit`` characters."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.limit, self.total = limit, 0
        self._head, self._head_size = [""], 0
        self._tail: deque[str] = deque()
        self._tail_size = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is missing."""
        return self.total <= self.limit

    def feed(self, text: str) -> None:
        """More of the text."""
        self.total += len(text)
        room = max(0, self.limit - self._head_size)
        if room and text:
            self._head.append(text[:room])
            self._head_size += min(room, len(text))
        self._keep_tail(text[-self.limit :])

    def text(self, spill: str = "") -> str:
        """The excerpt. ``spill`` names the file that has everything."""
        head = "".join(self._head)
        if self.is_whole:
            return head
        room = max(0, self.limit - _GAP_ROOM - len(spill))
        start = _up_to_line(head[: int(room * _HEAD_SHARE)])
        end = _from_line("".join(self._tail)[self._tail_size - (room - len(start)) :])
        missing = self.total - len(start) - len(end)
        return f"{start}{_gap(start, missing, spill)}{end}"

    def _keep_tail(self, text: str) -> None:
        self._tail.append(text)
        self._tail_size += len(text)
        while self._tail_size - len(self._tail[0]) >= self.limit:
            self._tail_size -= len(self._tail.popleft())


def clip(text: str, limit: int = LIMIT, spill: str = "") -> str:
    """``text``, or its beginning and end when it is longer than ``limit`` characters."""
    excerpt = Excerpt(limit)
    excerpt.feed(text)
    return excerpt.text(spill)


def plain(text: str) -> str:
    """``text`` as a terminal would leave it: no escapes, and of a line that was overwritten by
    carriage returns what was written last."""
    if "\x1b" in text:
        text = re.sub(_ESCAPES, "", text)
    if "\r" in text:
        text = "\n".join(_overwritten(line) for line in text.split("\n"))
    return re.sub(_CONTROLS, "", text)


def _overwritten(line: str) -> str:
    return line.rstrip("\r").rpartition("\r")[2]


def _gap(start: str, missing: int, spill: str) -> str:
    lead = "" if not start or start.endswith("\n") else "\n"
    where = f"; everything is in {spill}" if spill else ""
    return f"{lead}[… {missing:,} characters left out{where} …]\n"


def _up_to_line(text: str) -> str:
    """Cut after the last line end, unless that would lose more than half."""
    cut = text.rfind("\n") + 1
    return text[:cut] if cut * 2 >= len(text) else text


def _from_line(text: str) -> str:
    """Cut before the first whole line, unless that would lose more than half."""
    cut = text.find("\n") + 1
    return text[cut:] if cut * 2 <= len(text) else text
