"""The command line of bubblewrap for one child: what is mounted where, in the order of depth.

The root is empty but for what is named here. Masks are an empty folder and a file that nobody may
open; ``--seccomp`` and the command follow in ``confined.py``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import cache

from msgspec import Struct

from ion_core.sandbox.base import Bounds
from ion_core.sandbox.places import Places, is_within

CANDIDATES = (
    "/usr/bin/bwrap",
    "/bin/bwrap",
    "/usr/local/bin/bwrap",
    "/run/current-system/sw/bin/bwrap",
)
"""Where bubblewrap is looked for: never in a workspace or a folder of the person's."""

_NAMESPACES = (
    *("--unshare-user-try", "--unshare-pid", "--unshare-ipc", "--unshare-uts"),
    *("--die-with-parent", "--cap-drop", "ALL"),
)


_TEMPORARY = ("/tmp", "/var/tmp")


class Masks(Struct, frozen=True, kw_only=True):
    """What is mounted over secrets: an empty folder, and a file without content and rights."""

    folder: str
    file: str


class _Mount(Struct, frozen=True, kw_only=True):
    """``rank`` orders mounts at the same place."""

    path: str
    words: tuple[str, ...]
    rank: int

    @property
    def order(self) -> tuple[int, int]:
        return (0 if self.path == "/" else self.path.count("/"), self.rank)


def arguments(bounds: Bounds, places: Places, masks: Masks) -> list[str]:
    """Everything up to ``--seccomp``, the name of the program first left out."""
    words = [*_NAMESPACES, *(() if bounds.online else ("--unshare-net",))]
    mounts = [
        *_kernel(),
        *_private(bounds, places),
        *_granted(places),
        *_guarded(places),
        *_masked(places, masks),
        *(_bound("--ro-bind", path, 6) for path in bounds.shown if os.path.exists(path)),
    ]
    for mount in sorted(mounts, key=lambda mount: mount.order):
        words += mount.words
    return [*words, *_frozen(bounds, places)]


def _kernel() -> Iterator[_Mount]:
    yield _Mount(path="/proc", words=("--proc", "/proc"), rank=1)
    yield _Mount(path="/dev", words=("--dev", "/dev"), rank=1)


def _private(bounds: Bounds, places: Places) -> Iterator[_Mount]:
    """Temporary folders; where nothing else is in them, one for all."""
    granted = (*places.looked_at, *places.changed)
    yield _Mount(path="/tmp", words=("--tmpfs", "/tmp"), rank=0)
    links = ["/var/tmp", *([f"{bounds.home}/.cache"] if bounds.profile == "write" else [])]
    for path in links:
        if is_within(path, granted):
            continue
        if any(is_within(other, (path,)) for other in granted):
            yield _Mount(path=path, words=("--tmpfs", path), rank=0)
        else:
            target = f"/tmp/.private{path}"
            yield _Mount(path=path, words=("--dir", target, "--symlink", target, path), rank=0)
    if bounds.home != "/" and not is_within(bounds.home, granted):
        how = "--tmpfs" if is_within(bounds.home, _TEMPORARY) else "--dir"
        yield _Mount(path=bounds.home, words=(how, bounds.home), rank=0)


def _granted(places: Places) -> Iterator[_Mount]:
    for path in places.looked_at:
        if is_within(path, places.changed):
            continue
        if path.count("/") == 1 and os.path.islink(path):
            words = ("--symlink", os.readlink(path), path)
            yield _Mount(path=path, words=words, rank=1)
        else:  # bubblewrap follows links of what it binds
            yield _bound("--ro-bind", path, 1)
    for path in (*places.changed, *places.pinned):
        yield _bound("--bind", path, 2)


def _guarded(places: Places) -> Iterator[_Mount]:
    """What is there as it is; of a link, what it leads to. Links themselves cannot be mounted
    upon, and are compared afterwards."""
    for one in places.guarded:
        if one.compared:
            continue
        real = one.path if one.direct else os.path.realpath(one.path)
        is_there = one.is_there if one.direct else os.path.exists(real)
        if is_there and is_within(real, places.changed):
            yield _bound("--ro-bind", real, 3)


def _masked(places: Places, masks: Masks) -> Iterator[_Mount]:
    granted = (*places.looked_at, *places.changed)
    folder = cache(os.path.realpath)
    for path in places.denied:
        above, name = os.path.split(path)
        real = os.path.realpath(path) if os.path.islink(path) else os.path.join(folder(above), name)
        if real != path and not is_within(real, places.changed):
            continue
        if os.path.exists(real) and is_within(real, granted) and _is_within_reach(real):
            mask = masks.folder if os.path.isdir(real) else masks.file
            yield _Mount(path=real, words=("--ro-bind", mask, real), rank=4)


def _is_within_reach(path: str) -> bool:
    """Whether the person may read a path, or let themselves: what is closed to them anyway, such as
    /etc/shadow, need not be mounted over (a mount is a fifth of a millisecond)."""
    return os.access(path, os.R_OK) or os.stat(path).st_uid == os.geteuid() or os.path.isdir(path)


def _frozen(bounds: Bounds, places: Places) -> Iterator[str]:
    """What was made for mounts alone is not for writing: a lost write should be an error. Nor is
    the kernel's own of root's: ``/proc/sys`` asks who one is, for no capability."""
    if os.geteuid() == 0:
        yield from ("--remount-ro", "/proc")
    own = (bounds.home,) if is_within(bounds.home, _TEMPORARY) else ()
    for path in ("/", *own):
        if not is_within(path, (*places.changed, *places.looked_at)):
            yield from ("--remount-ro", path)


def _bound(how: str, path: str, rank: int) -> _Mount:
    return _Mount(path=path, words=(how, path, path), rank=rank)


def version_of(said: Iterable[str]) -> str:
    """The version in what ``bwrap --version`` says."""
    return next((line.split()[-1] for line in said if line.startswith("bubblewrap ")), "")
