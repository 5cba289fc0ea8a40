"""The tree of a session as a reader meets it: the branch that is open, then the others, each from
where it left another one. Every entry is in exactly one run."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from ion_core.sessions.moving.lines import Node


class Run(Struct, frozen=True, kw_only=True):
    """Entries one after another. ``after`` is the entry that the first one follows, in a run
    before this; None for a beginning. ``title`` is the row of its first prompt, if it has one."""

    number: int
    after: int | None
    rows: tuple[int, ...]
    title: int | None


def runs(nodes: Sequence[Node], head: int | None) -> list[Run]:
    """The run of ``head`` first, the others by their age."""
    parents = {node.row: node.parent for node in nodes}
    asked = {node.row for node in nodes if node.asked}
    inner = set(parents.values())
    leaves = [row for row in parents if row not in inner]
    seen: set[int] = set()
    found: list[Run] = []
    for leaf in [*([head] if head in parents else []), *leaves]:
        rows: list[int] = []
        row: int | None = leaf
        while row is not None and row not in seen:
            rows.append(row)
            row = parents[row]
        if rows:
            rows.reverse()
            seen.update(rows)
            title = next((each for each in rows if each in asked), None)
            found.append(Run(number=len(found), after=row, rows=tuple(rows), title=title))
    return found
