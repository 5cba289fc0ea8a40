"""The tree of a session as a list: every message of every branch, to go on from any of them."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Literal

from ion_core.ids import EntryId
from ion_core.tree_walk import drawn, path_of
from ion_core.trees import Node, SessionTree
from ion_tui.figures import age
from ion_tui.fuzzy import matching
from ion_tui.offer import Outcome
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

DEEPEST = 12
"""Rails that are drawn; a tree that forks further in is not indented any more."""

VIEWS: dict[str, Callable[[Node], bool]] = {
    "what was said": lambda node: node.role in ("user", "assistant") and bool(node.text),
    "your messages": lambda node: node.role == "user",
    "everything": lambda node: True,
    "labelled": lambda node: bool(node.labels),
}

Deed = Literal["go", "fork", "label", "summary"]
DEEDS: dict[str, Deed] = {
    "branches.fork": "fork",
    "branches.label": "label",
    "branches.summary": "summary",
}


class TreeSheet:
    """An offer of entries. ``deed`` is what is to be done with the chosen one; ``keys`` names the
    key of a command."""

    context, columns, aside, note = "branches", "", "", ""

    def __init__(
        self, tree: SessionTree, *, keys: Callable[[str], str], now: float | None = None
    ) -> None:
        self._rows, self._active = drawn(tree), path_of(tree)
        self._now = time.time() if now is None else now
        self._keys, self._view = keys, 0
        self.deed: Deed = "go"
        self._names: dict[EntryId | None, list[str]] = {}
        for branch in tree.branches:
            self._names.setdefault(branch.tip, []).append(one_line(branch.name))
        self.head = next((branch.tip for branch in tree.branches if branch.active), None)

    @property
    def title(self) -> str:
        """What is listed."""
        return f"Tree: {list(VIEWS)[self._view]}"

    @property
    def foot(self) -> str:
        """The keys."""
        does = {"summary": "with summary", "fork": "fork", "label": "label", "view": "view"}
        keys = (f"{self._keys(f'branches.{key}')} {words}" for key, words in does.items())
        return "  ".join(("enter goes on", *keys))

    def rows(self, text: str) -> Sequence[Choice]:
        """The rows for what was typed, in the order of the tree."""
        shown = list(VIEWS.values())[self._view]
        rows = [
            self._row(node, level)
            for node, level in self._rows
            if shown(node) or node.id == self.head
        ]
        if not text:
            return rows or [Choice(name="Nothing here yet")]
        fit = {row.value for row in matching(rows, text)}
        return [row for row in rows if row.value in fit]

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """Another view, or another deed."""
        if command == "branches.view":
            self._view = (self._view + 1) % len(VIEWS)
            return "anew"
        if choice is not None and command in DEEDS:
            self.deed = DEEDS[command]
            return "choose"
        return ""

    def _row(self, node: Node, level: int) -> Choice:
        marks = [*(f"#{one_line(label)}" for label in node.labels), *self._names.get(node.id, ())]
        said = node.text or ", ".join(node.tools) or node.kind.replace("_", " ")
        who = {"user": "❯ ", "tool": "  "}.get(node.role, "· ")
        return Choice(
            value=node.id,
            lead="│ " * min(level, DEEPEST) + who,
            name=one_line(said),
            detail="  ".join(marks),
            right=age(self._now - node.at),
            mark="●" if node.id in self._active else "○",
        )
