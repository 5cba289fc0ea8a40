"""The keys of the sidebar, at its foot: those that fit the row under the cursor."""

from __future__ import annotations

from typing import Literal, TypeAlias

from ion_tui.keymap import Keymap
from ion_tui.render.cells import cells
from ion_tui.widgets.tree import SessionTree
from ion_tui.widgets.tree_rows import TreeRow

Place: TypeAlias = Literal["tree", "search", "name"]

NARROW, TALL, GAP = 60, 30, 2
"""Cells below which there are more lines, rows from which there are all of them; cells between two
keys."""

SEARCH = (
    ("search.open", "opens it there"),
    ("search.scope", "one or all projects"),
    ("search.close", "goes back"),
)
GROUP = (("tree.unfold", "unfolds"), ("tree.search", "searches"), ("session.new", "new"))
BRANCH = (("tree.open", "shows it"), ("tree.rename", "name"), ("tree.fold", "goes up"))
SESSION = (
    ("tree.open", "open"),
    ("tree.search", "search"),
    ("tree.unfold", "branches"),
    ("tree.rename", "rename"),
    ("tree.tag", "tag"),
    ("tree.pin", "pin"),
    ("tree.details", "details"),
    ("tree.fork", "fork"),
    ("tree.delete", "delete"),
    ("tree.archive", "archive"),
    ("tree.export", "export"),
    ("tree.mark", "mark"),
)
SEVERAL = (
    ("tree.tag", "tag"),
    ("tree.pin", "pin"),
    ("tree.archive", "archive"),
    ("tree.delete", "delete"),
    ("tree.mark", "mark"),
)
AWAY = (("tree.restore", "brings it back"), ("tree.details", "details"))


def sidebar_keys(keymap: Keymap, place: Place, tree: SessionTree, width: int) -> list[str]:
    """Lines with each key and its word, the most wanted first; what finds no room is in the
    help."""
    context = "search" if place == "search" else "sidebar"
    rows = SEARCH if place == "search" else _of(tree.row, several=bool(tree.marked))
    hints = ((keymap.hint(command, context), word) for command, word in rows)
    pieces = [f"{key} {word}" for key, word in hints if key]
    if place == "name":
        pieces = ["enter keeps the name", "esc goes back"]
    lines = [""]
    for piece in pieces:
        if lines[-1] and cells(lines[-1]) + GAP + cells(piece) > width:
            lines.append("")
        lines[-1] += f"{'':{GAP if lines[-1] else 0}}{piece}"
    return lines


def key_rows(width: int, height: int) -> int:
    """The lines that are kept free for keys in a sidebar, whatever its cursor is on."""
    if width >= NARROW:
        return 2
    return 6 if height >= TALL else 3


def _of(row: TreeRow | None, *, several: bool) -> tuple[tuple[str, str], ...]:
    if several:
        return SEVERAL
    if row is None or row.item is None:
        return GROUP
    if row.branch is not None:
        return BRANCH
    return AWAY if row.item.shelf else SESSION
