"""What Landlock is told: trees without those inside that are denied.

Landlock only grants, and what it grants holds for everything below. A tree with something denied
in it is therefore granted entry by entry; nothing new can be made in the folders that were split.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from msgspec import Struct

from ion_core.sandbox.base import Bounds
from ion_core.sandbox.places import Places, is_within
from ion_core.sandbox.repositories import holds_keys

_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")


class Grants(Struct, frozen=True, kw_only=True):
    """What the rules say; equal grants can share a thread."""

    looked_at: tuple[str, ...]
    changed: tuple[str, ...]
    online: bool
    labels: bool


def grants(bounds: Bounds, places: Places, temporary: str) -> Grants:
    """The rules for a child whose private folder is ``temporary``. Files of keys in a workspace
    (``.env``) stay readable: splitting the workspace would forbid new files in it."""
    denied = [path for path in places.denied if not _stays(path, bounds.root)]
    return Grants(
        looked_at=("/proc", *_split(places.looked_at, denied), *bounds.shown),
        changed=(temporary, *_DEVICES, *_split(places.changed, denied)),
        online=bounds.online,
        labels=bounds.profile == "write",
    )


def _stays(path: str, root: str) -> bool:
    return is_within(path, (root,)) and holds_keys(os.path.basename(path))


def _split(trees: Iterable[str], denied: Iterable[str]) -> Iterator[str]:
    for tree in trees:
        yield from _without(tree, {os.path.realpath(path) for path in denied})


def _without(tree: str, denied: Iterable[str]) -> Iterator[str]:
    real = os.path.realpath(tree)
    inside = [path for path in denied if is_within(path, (real,))]
    if real in inside:
        return
    if not inside:
        yield real
        return
    try:
        entries = [entry.path for entry in os.scandir(real) if not entry.is_symlink()]
    except OSError:
        return
    for path in sorted(entries):
        yield from _without(path, inside)
