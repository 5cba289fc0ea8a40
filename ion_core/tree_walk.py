"""Ways through a session's tree: as rows, along the active branch, to where one goes on."""

from __future__ import annotations

from ion_core.ids import EntryId
from ion_core.trees import Node, SessionTree


def drawn(tree: SessionTree) -> list[tuple[Node, int]]:
    """The nodes as they are listed, each with how far it is indented: a run without forks is not,
    what begins at a fork is, and the first branch of a fork comes first."""
    below: dict[EntryId | None, list[Node]] = {}
    for node in tree.nodes:
        below.setdefault(node.parent, []).append(node)
    rows: list[tuple[Node, int]] = []
    waiting: list[tuple[Node, int]] = []

    def go_below(at: EntryId | None, level: int) -> None:
        children = below.get(at, [])
        deeper = level + (len(children) > 1)
        waiting.extend((child, deeper) for child in reversed(children))

    go_below(None, 0)
    while waiting:
        node, level = waiting.pop()
        rows.append((node, level))
        go_below(node.id, level)
    return rows


def path_of(tree: SessionTree) -> frozenset[EntryId]:
    """The entries of the active branch."""
    parents = {node.id: node.parent for node in tree.nodes}
    at = next((branch.tip for branch in tree.branches if branch.active), None)
    found: set[EntryId] = set()
    while at is not None and at not in found:
        found.add(at)
        at = parents.get(at)
    return frozenset(found)


def settled(tree: SessionTree, entry: EntryId) -> EntryId:
    """Where one can go on who chose ``entry``: itself, or the last result of the calls of that
    answer, since an answer whose calls have no results cannot be followed."""
    results = {node.parent: node.id for node in tree.nodes if node.kind == "tool_result"}
    while (following := results.get(entry)) is not None:
        entry = following
    return entry
