"""What of a folder no checkpoint has, and was changed all the same: told before going back.

What git ignores is not kept, nor what another repository inside holds, nor folders that tools fill
(``node_modules``). Blocking, and within limits.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ion_core.agent.sight import SKIPPED, git_names, in_repository

MOST: Final = 50_000
MOST_S: Final = 0.3
"""Names that are looked at in one folder, and the time for all."""
SHOWN: Final = 5
_CACHES: Final = frozenset({"__pycache__", ".tox", ".mypy_cache", ".pytest_cache", ".ruff_cache"})
"""Nobody misses what was in these."""


def told(root: Path, since_ns: int) -> list[str]:
    """Sentences about what was changed since a time."""
    end = time.monotonic() + MOST_S
    if not in_repository(root):
        left_out = _changed(_left_out(root), since_ns, end)
        return _sentence("ion leaves these out", root, left_out)
    ignored = git_names(root, "--others", "--ignored", "--exclude-standard", "--directory") or []
    listed = git_names(root, "--cached", "--others", "--exclude-standard") or []
    inner = [path for path in listed if os.path.isdir(path) and not os.path.islink(path)]
    tops = [path for path in ignored if not any(_is_below(path, other) for other in ignored)]
    return [
        *_sentence("git ignores these", root, _changed(tops, since_ns, end)),
        *_sentence("these are repositories of their own", root, _changed(inner, since_ns, end)),
    ]


def _is_below(path: str, other: str) -> bool:
    return path != other and path.startswith(f"{other.rstrip('/')}/")


def _left_out(root: Path) -> list[str]:
    return [f"{root}/{name}" for name in sorted(SKIPPED) if os.path.lexists(f"{root}/{name}")]


def _changed(paths: list[str], since_ns: int, end: float) -> list[str]:
    """Those of them that were changed; where nobody can say in time, that is said."""
    found = []
    for path in paths:
        if os.path.basename(path.rstrip("/")) not in _CACHES:
            changed = _is_changed(path, since_ns, end)
            if changed is not False:
                found.append(path.rstrip("/") + ("" if changed else " (perhaps)"))
    return found


def _is_changed(path: str, since_ns: int, end: float) -> bool | None:
    """Whether anything there is newer; None where not all of it was looked at."""
    for seen, name in enumerate(_names(path.rstrip("/"))):
        if seen >= MOST or time.monotonic() > end:
            return None
        try:
            if os.lstat(name).st_ctime_ns >= since_ns:
                return True
        except OSError:
            continue
    return False


def _names(path: str) -> Iterator[str]:
    yield path
    waiting = [] if os.path.islink(path) else [path]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.name not in _CACHES:
                        yield entry.path
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
        except OSError:
            continue


def _sentence(why: str, root: Path, paths: list[str]) -> list[str]:
    if not paths:
        return []
    names = [os.path.relpath(path, root) for path in paths]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return [f"Not kept, and changed since ({why}): {', '.join(names[:SHOWN])}{more}."]
