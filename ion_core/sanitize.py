"""Text that somebody else wrote, made safe to show.

Escape sequences, control characters and invisible format characters of models and tools could move
the cursor, write the clipboard or disguise a command; none of them passes. What is merely invisible
is shown by its number. Colours of tool output (SGR) are dropped with every other sequence.
"""

from __future__ import annotations

import re

LIMIT = 4096
"""Characters of the longest sequence that is believed; a longer one is shown as text."""
MARKS = 8
"""Combining marks that one letter may carry."""

_BODY = r"[^\x07\x18\x1a\x1b\x80-\x9f]"
_STRING = r"(?:\x1b[\]PX^_k]|[\x90\x98\x9d-\x9f])"
_CSI = r"(?:\x1b\[|\x9b)"
_MARK = (
    "\u0300-\u034e\u0350-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_HIDDEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\U00013430-\U0001345f"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_CONTROL = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
_SURROGATE = "\ud800-\udfff"

_SUSPECT = re.compile(f"[{_CONTROL}{_HIDDEN}{_SURROGATE}\u200c\u200d]|[{_MARK}]{{{MARKS + 1}}}")
_OPEN_END = re.compile(f"[{_MARK}]\\Z")
# Start-up: compiled when they are first needed, which is seldom.
_TOKEN = f"""(?x)
    (?P<gone>{_STRING}{_BODY}{{0,{LIMIT}}}(?:[\\x07\\x18\\x1a\\x9c]|(?=[\\x1b\\x80-\\x9f]))
           | {_CSI}[\\x20-\\x3f]{{0,{LIMIT}}}(?:[\\x40-\\x7e]|(?=[^\\x20-\\x3f]))
           | \\x1b(?:[\\x20-\\x2f]{{1,8}}|(?![\\[\\]PX^_k]))(?:[\\x30-\\x7e]|(?=[^\\x20-\\x7e])) )
  | (?P<open>{_STRING}{_BODY}{{0,{LIMIT}}}\\Z | {_CSI}[\\x20-\\x3f]{{0,{LIMIT}}}\\Z
           | \\x1b[\\x20-\\x2f]{{0,8}}\\Z )
  | (?P<broken>{_STRING}|{_CSI}|\\x1b)
  | (?P<line>\\r\\n?)
  | (?P<control>[{_CONTROL}])
  | (?P<hidden>[{_HIDDEN}])
  | (?P<joiner>[\u200c\u200d])
  | (?P<surrogate>[{_SURROGATE}])
  | (?P<marks>[{_MARK}]+)
    """
_EMOJI = "[\u00a9\u00ae\u203c-\u3299\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f\u20e3]"
_JOINING = "[\u0600-\u08ff\u0900-\u0dff\u1000-\u109f\u1780-\u17ff\u1800-\u18af]"


class Sanitizer:
    """The same for text that arrives in pieces: however it is cut, the same comes out."""

    def __init__(self) -> None:
        self._held = self._before = ""
        self._last, self._seen = False, 0

    def feed(self, text: str) -> str:
        """More text; what of it can be shown now. What is not yet clear is held back."""
        return self._pass(text, last=False)

    def close(self) -> str:
        """What was held back. A sequence that never ended shows as ``␛`` and its text."""
        return self._pass("", last=True)

    def _pass(self, text: str, *, last: bool) -> str:
        text = self._held + text
        self._held, self._last, self._seen = "", last, len(text)
        clean = text
        if _SUSPECT.search(text) or not (last or _OPEN_END.search(text) is None):
            clean = re.sub(_TOKEN, self._replace, text)
        self._before = text[: self._seen][-1:] or self._before
        return clean

    def _replace(self, match: re.Match[str]) -> str:
        kind, found = match.lastgroup, match[0]
        at_end = match.end() == len(match.string)
        if at_end and not self._last and self._waits(kind, found):
            self._seen = match.start()
            return ""
        match kind:
            case "gone" | "control":
                return ""
            case "open":
                before, self._before = self._before, "␛"
                rest = re.sub(_TOKEN, self._replace, found[2 if found[0] == "\x1b" else 1 :])
                self._before = before
                return "␛" + rest
            case "broken":
                return "␛"
            case "line":
                return "\n"
            case "hidden":
                return named(found)
            case "joiner":
                return found if self._joins(match) else named(found)
            case "surrogate":
                return "\ufffd"
            case _:
                return found[:MARKS]

    def _waits(self, kind: str | None, found: str) -> bool:
        if kind == "marks":
            self._held = found[:MARKS]
        elif kind in ("open", "joiner") or found == "\r":
            self._held = found
        return bool(self._held)

    def _joins(self, match: re.Match[str]) -> bool:
        """Whether a joiner stands where it is part of how something is written."""
        text, at = match.string, match.start()
        before, after = text[at - 1 : at] if at else self._before, text[at + 1 : at + 2]
        return any(re.match(kind, before) and re.match(kind, after) for kind in (_EMOJI, _JOINING))


def named(char: str) -> str:
    """A character by its number, for what nobody could see."""
    return f"⟨U+{ord(char):04X}⟩"


def sanitize(text: str) -> str:
    """A whole text, safe to show: no control but line feed and tab, nothing invisible."""
    if _SUSPECT.search(text) is None:
        return text
    sanitizer = Sanitizer()
    return sanitizer.feed(text) + sanitizer.close()
