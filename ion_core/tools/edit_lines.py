"""Finding whole lines that differ in white space, or are merely very much alike.

The file's own lines stay wherever the model keeps what it took them for; lines that it adds are
indented as the file is. Where that is not certain, nothing is found.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ion_core.tools.edit_forms import normal
from ion_core.tools.edit_indent import Indents, indent_of
from ion_core.tools.edit_span import Span

ALIKE = 0.9
"""How much of the old text must be there, weighted by characters, to be taken for it."""

_LINE_ALIKE, _CERTAIN_SHARE = 0.75, 0.6
_FEWEST_ALIKE = 3
_MOST_ALIKE = 200  # lines of the old text that are the same


def key(line: str) -> str:
    """A line without its outer white space, in normal form, with single spaces."""
    return " ".join(normal(line).split())


class Block:
    """The lines of a model's ``old`` and ``new``. ``bare``: blank ones around ``old`` are not
    looked for."""

    def __init__(self, old: str, new: str, *, bare: bool) -> None:
        self.old, self.new = old.split("\n"), new.split("\n")
        self.deletes, self.takes_end = not new, old.endswith("\n")
        if self.takes_end:
            self._drop(-1)
        while bare and len(self.old) > 1 and not self.old[-1].strip():
            self._drop(-1)
        while bare and len(self.old) > 1 and not self.old[0].strip():
            self._drop(0)
        self.keys = [key(line) for line in self.old]

    def _drop(self, end: int) -> None:
        """Leave out the blank line at one end of ``old``, and of ``new`` where there is one."""
        self.old.pop(end)
        if len(self.new) > 1 and not self.new[end].strip():
            self.new.pop(end)

    def changes(self) -> list[tuple[str, int, int, int, int]]:
        """The difference as opcodes of lines."""
        import difflib  # deferred: 5 ms that only an inexact edit needs

        new = [] if self.deletes else self.new
        matcher = difflib.SequenceMatcher(None, self.old, new, autojunk=False)
        return [(str(kind), *rest) for kind, *rest in matcher.get_opcodes()]  # type: ignore[misc]


class FileLines:
    """The lines of a file, found by what a model took them for."""

    def __init__(self, text: str) -> None:
        self._lines = text.split("\n")
        self._keys = [key(line) for line in self._lines]
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._size = len(text)

    def same(self, old: str, new: str) -> list[Span]:
        """Where every line is ``old``'s but for white space."""
        for bare in (False, True):
            block = Block(old, new, bare=bare)
            count = len(block.keys)
            if not any(block.keys) or block.old == block.new:
                continue
            found = [i for i in self._candidates(block) if self._keys[i : i + count] == block.keys]
            if found:
                return [span for at in found if (span := self._span(at, block)) is not None]
        return []

    def alike(self, old: str, new: str) -> list[Span]:
        """Where nearly every line is ``old``'s, and each that the model changes is one of them."""
        block = Block(old, new, bare=True)
        if sum(map(bool, block.keys)) < _FEWEST_ALIKE:
            return []
        changed = {
            i for kind, i1, i2, _, _ in block.changes() if kind != "equal" for i in range(i1, i2)
        }
        found = []
        for start in self._candidates(block):
            keys = self._keys[start : start + len(block.keys)]
            if (
                all(keys[i] == block.keys[i] for i in changed)
                and _likeness(block.keys, keys) >= ALIKE
            ):
                found.append(start)
        return [span for start in found if (span := self._span(start, block)) is not None]

    def _candidates(self, block: Block) -> Iterator[int]:
        """First lines of blocks of which most is the same."""
        places: dict[str, list[int]] = {}
        for index, wanted in enumerate(block.keys):
            if wanted:
                places.setdefault(wanted, []).append(index)
        shared: Counter[int] = Counter()
        for index, own in enumerate(self._keys):
            for offset in places.get(own, ())[:_MOST_ALIKE]:
                shared[index - offset] += len(own)
        enough = _CERTAIN_SHARE * sum(map(len, block.keys))
        last = len(self._keys) - len(block.keys)
        return iter(sorted(i for i, size in shared.items() if size >= enough and 0 <= i <= last))

    def _span(self, start: int, block: Block) -> Span | None:
        end = start + len(block.old)
        lines = self._replaced(self._lines[start:end], block)
        if lines is None:
            return None
        stop = self._starts[end] - 1
        if block.deletes:
            return Span(self._starts[start], min(stop + block.takes_end, self._size), "")
        return Span(self._starts[start], stop, "\n".join(lines))

    def _replaced(self, own: Sequence[str], block: Block) -> list[str] | None:
        """The lines instead of ``own``; None when their indentation would be a guess."""
        pairs = [
            (indent_of(o), indent_of(f)) for o, f in zip(block.old, own, strict=True) if o.strip()
        ]
        indents = Indents(pairs, block.new, self._lines)
        spelt = {o.strip(): f.strip() for o, f in zip(block.old, own, strict=True)}
        lines: list[str] = []
        for kind, first, last, start, end in block.changes():
            if kind == "equal":
                lines += own[first:last]
                continue
            for offset, line in enumerate(block.new[start:end]):
                paired = first + offset if last - first == end - start else None
                indent = _indent(line, block.old, own, paired, indents)
                if indent is None:
                    return None
                lines.append(indent + spelt.get(line.strip(), line.strip()) if line.strip() else "")
        return lines


def _indent(
    line: str, old: Sequence[str], own: Sequence[str], paired: int | None, indents: Indents
) -> str | None:
    written = indent_of(line)
    if paired is not None and indent_of(old[paired]) == written:
        return indent_of(own[paired])
    return indents.mapped(written) if indents.certain or not line.strip() else None


def _likeness(wanted: Sequence[str], own: Sequence[str]) -> float:
    """How alike two blocks of lines are, 0 when one line is another altogether."""
    import difflib  # deferred: as above

    same = 0.0
    for a, b in zip(wanted, own, strict=True):
        ratio = 1.0 if a == b else difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
        if ratio < _LINE_ALIKE:
            return 0.0
        same += ratio * len(a)
    return same / max(1, sum(map(len, wanted)))
