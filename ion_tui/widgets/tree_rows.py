"""The rows of the session tree, computed from values: project ▸ date ▸ session ▸ branch or child.

Nothing here is drawn or mounted; ten thousand sessions are one pass over a list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from ion_tui.figures import bucket

if TYPE_CHECKING:  # start-up: no session is unfolded before the first paint
    from ion_core.trees import Branch

State: TypeAlias = Literal["idle", "running", "asking", "failed"]
Shelf: TypeAlias = Literal["", "archived", "trash"]

PINNED = "Pinned"
SHELVES: Mapping[Shelf, str] = {"archived": "Archived", "trash": "Trash"}


class SessionItem(Struct, frozen=True, kw_only=True):
    """A session as the sidebar knows it. Times are in seconds since the epoch; ``parent`` is the
    session that it came from in the way that ``kind`` says; ``branches`` counts its own;
    ``shelf`` says where it was put away."""

    id: str
    project: str
    name: str
    title: str
    updated_at: float
    state: State = "idle"
    kind: str = "main"
    parent: str = ""
    tags: tuple[str, ...] = ()
    pinned: bool = False
    shelf: Shelf = ""
    branches: int = 1
    cost_nano: int = 0


class TreeRow(Struct, frozen=True, kw_only=True):
    """One row. ``key`` is its own, ``above`` that of the row it hangs under. A group has neither
    item nor branch, a branch has both; ``count`` is how many rows are or would be below, and
    ``rail`` the lines that lead to what is below a session."""

    key: str
    depth: int
    text: str
    above: str = ""
    count: int = 0
    folded: bool = False
    item: SessionItem | None = None
    branch: Branch | None = None
    rail: str = ""


@dataclass(frozen=True, kw_only=True)
class TreeQuery:
    """What to show: one project or all, which rows are turned over (folded where they would be
    open, and the other way round), and the branches of sessions as far as they are known."""

    project: str = ""
    everywhere: bool = False
    turned: Collection[str] = frozenset()
    branches: Mapping[str, Sequence[Branch]] = field(default_factory=dict)
    current: str = ""
    now: float = 0.0


def tree_rows(items: Iterable[SessionItem], query: TreeQuery) -> list[TreeRow]:
    """The rows from top to bottom; ``items`` come newest first."""
    projects: dict[str, list[SessionItem]] = {}
    shelved: dict[Shelf, list[SessionItem]] = {shelf: [] for shelf in SHELVES}
    for item in items:
        if query.everywhere or item.project == query.project:
            if item.shelf:
                shelved[item.shelf].append(item)
            else:
                projects.setdefault(item.project, []).append(item)
    rows: list[TreeRow] = []
    for project in sorted(projects, key=lambda key: key != query.project):
        rows += _project(project, projects[project], query)
    for shelf, members in shelved.items():
        rows += _shelf(shelf, members, query) if members else []
    return rows


def _project(project: str, items: list[SessionItem], query: TreeQuery) -> Iterator[TreeRow]:
    if not query.everywhere:
        yield from _buckets(project, items, query, depth=0)
        return
    folded = _folded(project, open_by_default=project == query.project, query=query)
    yield TreeRow(key=project, depth=0, text=items[0].name, count=len(items), folded=folded)
    if not folded:
        yield from _buckets(project, items, query, depth=1)


def _buckets(
    project: str, items: list[SessionItem], query: TreeQuery, depth: int
) -> Iterator[TreeRow]:
    kin = Kin(items)
    groups = dict(_grouped(kin, query.now))
    order = list(groups)
    recent = {PINNED, "Today", "Yesterday", "This week", *order[: 1 + (PINNED in groups)]}
    for name, members in groups.items():
        key = f"{project}\n{name}"
        folded = _folded(key, open_by_default=name in recent, query=query)
        yield TreeRow(
            key=key,
            depth=depth,
            text=name,
            above=project if depth else "",
            count=len(members),
            folded=folded,
        )
        if not folded:
            for item in members:
                yield from _session(item, kin, query, TreeRow(key=key, depth=depth + 1, text=""))


def _grouped(kin: Kin, now: float) -> Iterator[tuple[str, list[SessionItem]]]:
    """Those of one heading follow one another: each end is found by halving what is left."""
    if pinned := [item for item in kin.heads if item.pinned]:
        yield PINNED, pinned
    heads, start = [item for item in kin.heads if not item.pinned] if pinned else kin.heads, 0
    while start < len(heads):
        name, end, beyond = bucket(kin.latest(heads[start]), now), start, len(heads)
        while beyond - end > 1:
            middle = (end + beyond) // 2
            same = bucket(kin.latest(heads[middle]), now) == name
            end, beyond = (middle, beyond) if same else (end, middle)
        yield name, list(heads[start:beyond])
        start = beyond


def _shelf(shelf: Shelf, items: list[SessionItem], query: TreeQuery) -> Iterator[TreeRow]:
    key = f"\n{shelf}"
    folded = _folded(key, open_by_default=False, query=query)
    yield TreeRow(key=key, depth=0, text=SHELVES[shelf], count=len(items), folded=folded)
    for item in () if folded else items:
        yield TreeRow(key=item.id, depth=1, text=item.title, above=key, folded=True, item=item)


def _session(item: SessionItem, kin: Kin, query: TreeQuery, place: TreeRow) -> Iterator[TreeRow]:
    """A session's row, which hangs where ``place`` says, and what is below it."""
    children = kin.children(item)
    branches = query.branches.get(item.id, ())
    folded = _folded(item.id, open_by_default=kin.matters(item, query.current), query=query)
    count = len(children) + (max(len(branches), item.branches) if item.branches > 1 else 0)
    yield replace(
        place,
        key=item.id,
        text=item.title,
        above=place.key,
        count=count,
        folded=folded,
        item=item,
    )
    if folded:
        return
    stem = place.rail.replace("├", "│").replace("└", " ")
    left = len(branches) + len(children)
    for branch in branches:
        left -= 1
        yield TreeRow(
            key=f"{item.id}\n{branch.name}",
            depth=place.depth,
            text=branch.name,
            above=item.id,
            item=item,
            branch=branch,
            rail=f"{stem}{'├' if left else '└'} ",
        )
    for child in children:
        left -= 1
        rail = f"{stem}{'├' if left else '└'} "
        hangs = TreeRow(key=item.id, depth=place.depth, text="", rail=rail)
        yield from _session(child, kin, query, hangs)


def _folded(key: str, *, open_by_default: bool, query: TreeQuery) -> bool:
    return open_by_default == (key in query.turned)


class Kin:
    """Which sessions came from which. ``heads`` came from none that is listed; the newest family
    comes first."""

    def __init__(self, items: Sequence[SessionItem]) -> None:
        self._children: dict[str, list[SessionItem]] = {}
        self._latest: dict[str, float] = {}
        self.heads = items
        if any(item.parent for item in items):
            known = {item.id: item for item in items}
            heads = [item for item in items if not self._hang(item, known)]
            self.heads = sorted(heads, key=self.latest, reverse=True)

    def _hang(self, item: SessionItem, known: Mapping[str, SessionItem]) -> bool:
        """Put a session below its parent; whether it has one here. A pinned one stands alone."""
        above: list[SessionItem] = []
        at = item
        while not at.pinned and (parent := known.get(at.parent)) is not None:
            if parent is item or parent in above:
                return False  # a file that was imported may say anything
            above.append(parent)
            at = parent
        for each in above:
            newest = max(self._latest.get(each.id, each.updated_at), item.updated_at)
            self._latest[each.id] = newest
        if above:
            self._children.setdefault(above[0].id, []).append(item)
        return bool(above)

    def latest(self, item: SessionItem) -> float:
        """When something was last said in its family, in seconds since the epoch."""
        return self._latest.get(item.id, item.updated_at)

    def children(self, item: SessionItem) -> Sequence[SessionItem]:
        """The sessions that came from it, newest first."""
        return self._children.get(item.id, ())

    def matters(self, item: SessionItem, current: str) -> bool:
        """Whether what is below is to be seen at once: a child is on screen, or the person went on
        in one of them."""
        return any(
            child.id == current
            or (child.kind != "subagent" and child.updated_at > item.updated_at)
            or self.matters(child, current)
            for child in self.children(item)
        )
