"""How a row of the session tree is drawn: its sign, its name, and what belongs to the right end.

The name comes first: tags, and then the cost, are shown where it leaves room for them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from rich.segment import Segment
from rich.style import Style

from ion_tui.figures import age, money
from ion_tui.phrases import one_line
from ion_tui.render.cells import cells, shorten
from ion_tui.widgets.tree_rows import SessionItem, TreeRow

SIGNS = {
    "idle": " ",
    "running": "◐",
    "asking": "!",
    "failed": "✗",
    "current": "●",
    "open": "▾",
    "folded": "▸",
    "pinned": "★",
    "marked": "✓",
    "branch": "○",
}
KINDS = {"fork": "fork", "subagent": "agent", "handoff": "handoff", "import": "import"}
AGE_CELLS, COST_CELLS = 5, 8


class TreeLines:
    """``style`` gives the colours of a part of the tree by its name."""

    def __init__(self, style: Callable[[str], Style]) -> None:
        self._style = style

    def line(
        self, row: TreeRow, width: int, *, now: float, current: str, marked: Collection[str]
    ) -> list[Segment]:
        """A row in exactly ``width`` cells."""
        if row.branch is not None:
            return self._branch(row, width, now=now, current=current)
        if row.item is not None:
            return self._session(row, row.item, width, now, current, row.item.id in marked)
        sign = SIGNS["folded" if row.folded else "open"] if row.depth or row.folded else " "
        name = "  " * row.depth + f"{sign} {one_line(row.text)}"
        count = f"{row.count} " if row.folded else ""
        return self._line([(name, "group")], [(count, "dim")], width)

    def _session(
        self, row: TreeRow, item: SessionItem, width: int, now: float, current: str, marked: bool
    ) -> list[Segment]:
        here = item.id == current
        state = "current" if here and item.state == "idle" else item.state
        look = "current" if here else "session"
        look = look if item.state == "idle" else item.state
        sign = SIGNS["pinned"] if state == "idle" and item.pinned else SIGNS[state]
        star = f"{SIGNS['pinned']} " if item.pinned and state != "idle" else ""
        title = one_line(item.title) or "New session"
        name = [
            ("  " * (row.depth - 1) + row.rail, "dim"),
            (f"{SIGNS['marked']} ", "mark") if marked else (f"{sign} ", look),
            (f"{star}{title}", "marked" if marked else look),
        ]
        return self._line(
            name,
            [(_count(row), "dim"), (_age(now - item.updated_at), "dim")],
            width,
            extras=[_tags(item), _cost(item)],
        )

    def _branch(self, row: TreeRow, width: int, *, now: float, current: str) -> list[Segment]:
        branch, item = row.branch, row.item
        assert branch is not None
        assert item is not None
        here = branch.active and item.id == current
        sign = SIGNS["current"] if branch.active else SIGNS["branch"]
        name = [
            ("  " * (row.depth - 1) + row.rail, "dim"),
            (f"{sign} {one_line(branch.name)}", "current" if here else "branch"),
        ]
        old = _age(now - branch.moved_at) if branch.moved_at else ""
        return self._line(name, [(old, "dim")], width)

    def _line(
        self,
        name: list[tuple[str, str]],
        right: list[tuple[str, str]],
        width: int,
        extras: list[str] | tuple[str, ...] = (),
    ) -> list[Segment]:
        """The name cut to the room that the right end leaves; the first of ``extras`` follows the
        name and the second one precedes the right end, if the whole name is there."""
        taken = sum(cells(text) for text, _ in right)
        room = max(0, width - taken - 1)
        drawn, used = [], 0
        for text, look in name:
            shown = shorten(text, max(0, room - used))
            drawn.append(Segment(shown, self._style(look)))
            used += cells(shown)
        left = room - used
        beside, before = (*extras, "", "")[:2]
        if beside and cells(beside) <= left:
            drawn.append(Segment(beside, self._style("tag")))
            used, left = used + cells(beside), left - cells(beside)
        if before and cells(before) <= left:
            right = [(before, "dim"), *right]
            taken += cells(before)
        drawn.append(Segment(" " * max(0, width - taken - used), self._style("dim")))
        return [*drawn, *(Segment(text, self._style(look)) for text, look in right if text)]


def _age(seconds: float) -> str:
    return f"{age(seconds):>{AGE_CELLS - 1}} "


def _count(row: TreeRow) -> str:
    """What is below a session, in front of its age: ``▸3``."""
    sign = SIGNS["folded" if row.folded else "open"]
    return f" {sign}{row.count}" if row.count else ""


def _tags(item: SessionItem) -> str:
    kind = KINDS.get(item.kind, "")
    words = [f"· {kind}"] if kind else []
    words += [f"#{one_line(tag)}" for tag in item.tags]
    return "".join(f" {word}" for word in words)


def _cost(item: SessionItem) -> str:
    return money(item.cost_nano).rjust(COST_CELLS) if item.cost_nano else ""
