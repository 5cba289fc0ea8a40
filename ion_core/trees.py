"""A session's tree as people browse it: its branches, and its nodes without their content.

A node is every entry of every branch; a branch is a name for a tip. No entry is ever without a
branch that leads to it, so that whatever was left can be found again by its name.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from ion_core.ids import EntryId


class Branch(Struct, frozen=True, kw_only=True):
    """A name for a path. ``tip`` is its last entry (None: the empty beginning), ``base`` the one
    that it began at. ``revision`` grows with every move of the tip; ``moved_at`` is in seconds
    since the epoch. ``active``: the session goes on here."""

    name: str
    tip: EntryId | None
    base: EntryId | None = None
    revision: int = 0
    moved_at: float = 0.0
    active: bool = False


class Node(Struct, frozen=True, kw_only=True, gc=False):
    """An entry in outline. ``depth`` counts from 0 at a root; ``kind`` is that of the entry's body;
    ``text`` is one line of at most 200 characters; ``tools`` are the names of the tools that an
    answer calls, or the one whose result it is; ``labels`` are the person's."""

    id: EntryId
    parent: EntryId | None
    depth: int
    at: float
    kind: str
    role: Literal["", "user", "assistant", "tool"] = ""
    status: Literal["final", "partial", "aborted", "indeterminate"] = "final"
    text: str = ""
    tools: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()


class SessionTree(Struct, frozen=True, kw_only=True):
    """All of it: nodes in the order in which they were written, parents before children."""

    nodes: tuple[Node, ...] = ()
    branches: tuple[Branch, ...] = ()
