"""The rows of the session tree, computed from values: project ▸ date ▸ session.

Nothing here is drawn or mounted; ten thousand sessions are one pass over a list.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ion_tui.figures import bucket

State: TypeAlias = Literal["idle", "running", "asking", "failed"]


@dataclass(frozen=True, kw_only=True)
class SessionItem:
    """A session as the sidebar knows it. ``updated_at`` is in seconds since the epoch."""

    id: str
    project: str
    name: str
    title: str
    updated_at: float
    state: State = "idle"


@dataclass(frozen=True, kw_only=True)
class TreeRow:
    """One row. ``key`` names a group for folding; a session's row carries its item."""

    key: str
    depth: int
    text: str
    count: int = 0
    folded: bool = False
    item: SessionItem | None = None


@dataclass(frozen=True, kw_only=True)
class TreeQuery:
    """What to show: one project or all, titles that contain every word, which groups are turned
    over (folded where they would be open, and the other way round)."""

    project: str = ""
    everywhere: bool = False
    words: str = ""
    turned: Collection[str] = frozenset()
    now: float = 0.0


def tree_rows(items: Iterable[SessionItem], query: TreeQuery) -> list[TreeRow]:
    """The rows from top to bottom; ``items`` come newest first."""
    projects: dict[str, list[SessionItem]] = {}
    words = query.words.lower().split()
    for item in items:
        if (query.everywhere or item.project == query.project) and _matches(item, words):
            projects.setdefault(item.project, []).append(item)
    rows: list[TreeRow] = []
    for project in sorted(projects, key=lambda key: key != query.project):
        rows += _project(project, projects[project], query)
    return rows


def _matches(item: SessionItem, words: Sequence[str]) -> bool:
    title = item.title.lower()
    return all(word in title for word in words)


def _project(project: str, items: list[SessionItem], query: TreeQuery) -> list[TreeRow]:
    if not query.everywhere:
        return _buckets(project, items, query, depth=0)
    here = project == query.project
    folded = _folded(project, open_by_default=here, query=query)
    head = TreeRow(key=project, depth=0, text=items[0].name, count=len(items), folded=folded)
    return [head] if folded else [head, *_buckets(project, items, query, depth=1)]


def _buckets(project: str, items: list[SessionItem], query: TreeQuery, depth: int) -> list[TreeRow]:
    groups: dict[str, list[SessionItem]] = {}
    for item in items:
        groups.setdefault(bucket(item.updated_at, query.now), []).append(item)
    rows: list[TreeRow] = []
    for index, (name, members) in enumerate(groups.items()):
        key = f"{project}\n{name}"
        recent = index == 0 or name in ("Today", "Yesterday", "This week")
        folded = _folded(key, open_by_default=recent, query=query)
        rows.append(TreeRow(key=key, depth=depth, text=name, count=len(members), folded=folded))
        if not folded:
            rows += [
                TreeRow(key=key, depth=depth + 1, text=item.title, item=item) for item in members
            ]
    return rows


def _folded(key: str, *, open_by_default: bool, query: TreeQuery) -> bool:
    """A search shows everything it found."""
    return not query.words and open_by_default == (key in query.turned)
