"""Writes about a session's tree that add nothing to it: which branch is active, how branches are
named, and what a person put on an entry or on the whole session."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from ion_core.errors import StoreError
from ion_core.ids import EntryId

LONGEST = 60


class MoveHead(Struct, frozen=True, kw_only=True):
    """Continue from another entry; None is the empty beginning. The branch that ends there becomes
    the active one, and where none does a new one, so that the tip that was left keeps its name."""

    to: EntryId | None


class SwitchBranch(Struct, frozen=True, kw_only=True):
    """Continue at the tip of another branch. ``StoreError`` when there is none of that name."""

    name: str


class NameBranch(Struct, frozen=True, kw_only=True):
    """Another name for a branch (empty: the active one). ``StoreError`` for one that is taken."""

    name: str
    old: str = ""


class Label(Struct, frozen=True, kw_only=True):
    """Put a word on an entry, or take it away."""

    entry: EntryId
    label: str
    on: bool = True


class Tag(Struct, frozen=True, kw_only=True):
    """Put a word on the session, or take it away."""

    tag: str
    on: bool = True


Mark: TypeAlias = MoveHead | SwitchBranch | NameBranch | Label | Tag


def word(text: str) -> str:
    """A label or a tag as it is kept, without ``#`` before it. Raises ``StoreError``."""
    kept = text.encode("utf-8", "replace").decode().strip().removeprefix("#").strip()
    if not kept or len(kept) > LONGEST or not kept.isprintable() or "," in kept:
        raise StoreError(f"{text!r} is no label: 1 to {LONGEST} characters without commas.")
    return kept
