"""Finding the places that a patch means in a file, by the same levels as edits.

Parts follow one another; an anchor says after which line to look. Without one, a part that fits in
several places is refused.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from ion_core.tools.edit_lines import key
from ion_core.tools.edit_match import NoMatch, inexact, put
from ion_core.tools.edit_nearest import not_found
from ion_core.tools.edit_span import Span
from ion_core.tools.patch_text import Hunk
from ion_core.tools.text import Lines


def patched(original: str, hunks: Sequence[Hunk]) -> tuple[str, list[str]]:
    """``original`` with all parts applied, and in what other ways than exactly some were found.
    Raises :class:`NoMatch`, which names the part."""
    lines = Lines(original)
    target = _Target(lines.text)
    notes: list[str] = []
    for number, hunk in enumerate(hunks, 1):
        try:
            how = target.place(hunk)
        except NoMatch as error:
            which = f"part {number} of {len(hunks)}: " if len(hunks) > 1 else ""
            raise NoMatch(f"{which}{error}") from error
        if how:
            notes.append(f"part {number} was not there exactly; it matched {how}")
    return put(lines, sorted(target.spans, key=lambda span: span.start)), notes


class _Target:
    """A file's text, and the spans that were found so far."""

    def __init__(self, text: str) -> None:
        self.spans: list[Span] = []
        self._text, self._lines = text, text.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._at = 0  # the line after what was found last

    def place(self, hunk: Hunk) -> str:
        """Find one part; in what way it was found."""
        first = self._anchored(hunk.anchors)
        if not hunk.old:
            at = first + 1 if hunk.anchors else self._end
            self._take(self._insertion(at, hunk.new))
            return ""
        span, how = self._found(hunk, first)
        self._take(span)
        return how

    @property
    def _end(self) -> int:
        """The number of lines, not counting the empty one after a final newline."""
        return len(self._lines) - (self._lines[-1] == "")

    def _anchored(self, anchors: Sequence[str]) -> int:
        """The line of the last anchor, or where the part before ended."""
        at = self._at
        for anchor in anchors:
            found = self._anchor(anchor, at)
            if found is None:
                found = self._anchor(anchor, 0)
            if found is None:
                raise NoMatch(f"the line {anchor!r} behind @@ is not in the file.")
            at = found
        return at

    def _anchor(self, anchor: str, start: int) -> int | None:
        wanted = key(anchor)
        keys = [(index, key(self._lines[index])) for index in range(start, len(self._lines))]
        if (same := next((index for index, own in keys if own == wanted), None)) is not None:
            return same
        begun = [(index, own) for index, own in keys if wanted and own.startswith(wanted)]
        whole = [index for index, own in begun if not _goes_on(own[len(wanted) - 1 :])]
        found = whole or [index for index, _ in begun]
        if len(found) > 1:
            numbers = ", ".join(str(index + 1) for index in found[:12])
            raise NoMatch(
                f"the line {anchor!r} behind @@ is the beginning of {len(found)} lines: {numbers}. "
                "Write the whole line."
            )
        return found[0] if found else None

    def _found(self, hunk: Hunk, first: int) -> tuple[Span, str]:
        for old, new in _variants(hunk):
            for start in dict.fromkeys((first, 0)):
                spans, how = self._candidates(old, new, start)
                spans = self._last(spans) if hunk.at_end else spans
                if len(spans) > 1 and not (hunk.anchors and start == first):
                    raise NoMatch(self._ambiguous(spans))
                if spans:
                    return spans[0], how
        told = not_found(self._text, "\n".join(hunk.old), "\n".join(hunk.new))
        raise NoMatch(told.replace("old_string", "this part").replace("new_string", "its new text"))

    def _candidates(
        self, old: Sequence[str], new: Sequence[str], start: int
    ) -> tuple[list[Span], str]:
        count = len(old)
        exact = [
            self._whole(index, index + count, new)
            for index in range(start, len(self._lines) - count + 1)
            if self._lines[index : index + count] == list(old)
        ]
        if exact or start >= len(self._lines):
            return exact, ""
        offset = self._starts[start]
        written = "".join(f"{line}\n" for line in new)
        spans, how = inexact(self._text[offset:], "".join(f"{line}\n" for line in old), written)
        moved = [Span(s.start + offset, s.end + offset, s.new) for s in spans]
        return [span for span in moved if self._begins_line(span)], how

    def _begins_line(self, span: Span) -> bool:
        start = self._starts[bisect_right(self._starts, span.start) - 1]
        return not self._text[start : span.start].strip()

    def _last(self, spans: list[Span]) -> list[Span]:
        """The one at the end of the file, where there is one."""
        end = len(self._text.rstrip("\n"))
        return [span for span in spans if span.end >= end] or spans

    def _whole(self, first: int, end: int, new: Sequence[str]) -> Span:
        """Lines that become others; with none, their line ends go too."""
        start, stop = self._starts[first], self._starts[end] - 1
        if new:
            return Span(start, stop, "\n".join(new))
        if stop == len(self._text):
            return Span(max(0, start - 1), stop, "")
        return Span(start, stop + 1, "")

    def _insertion(self, at: int, new: Sequence[str]) -> Span:
        start = min(self._starts[at], len(self._text))
        text = "".join(f"{line}\n" for line in new)
        if at == len(self._lines):  # after a last line without its newline
            text = "\n" * bool(self._text) + text.removesuffix("\n")
        return Span(start, start, text)

    def _take(self, span: Span) -> None:
        if any(span.start < other.end and other.start < span.end for other in self.spans):
            raise NoMatch("it changes lines that another part of the patch changes.")
        self.spans.append(span)
        self._at = bisect_right(self._starts, max(span.start, span.end - 1)) - (
            span.start == span.end
        )

    def _ambiguous(self, spans: Sequence[Span]) -> str:
        numbers = ", ".join(str(bisect_right(self._starts, span.start)) for span in spans[:12])
        return (
            f"it fits {len(spans)} times, on lines {numbers}. Add lines of context, or an @@ line "
            "that names the function or class it is in."
        )


def _goes_on(text: str) -> bool:
    """Whether a text begins with two characters of one word."""
    return bool(re.match(r"\w\w", text))


def _variants(hunk: Hunk) -> list[tuple[Sequence[str], Sequence[str]]]:
    """The part as written, and without an empty last line of context that is not in the file."""
    variants: list[tuple[Sequence[str], Sequence[str]]] = [(hunk.old, hunk.new)]
    if len(hunk.old) > 1 and hunk.old[-1] == "" and hunk.new[-1:] == ("",):
        variants.append((hunk.old[:-1], hunk.new[:-1]))
    return variants
