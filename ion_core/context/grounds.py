"""Where instruction files are looked for, from the general to the specific.

Only the names of files are looked at here, with a handful of ``stat`` calls, since this is on the
way to the first request; ``instructions.py`` reads what was found.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

RULES = ".ion/rules"
FOREIGN = frozenset({".git", ".venv", "node_modules", "site-packages", "vendor", "venv"})


class Grounds(Struct, frozen=True, kw_only=True):
    """What of ``cwd`` counts. ``users`` are the person's own files; ``names`` those of which a
    folder's first one is obeyed, and none at all when it is empty. Nothing of a folder that is not
    ``trusted`` is looked at. ``person`` is the person's own folder."""

    cwd: Path
    users: tuple[Path, ...]
    names: tuple[str, ...]
    person: Path
    trusted: bool

    @property
    def root(self) -> Path:
        """The top of the repository around the folder, or the folder itself."""
        above = (self.cwd, *self.cwd.parents)
        return next((place for place in above if os.path.lexists(place / ".git")), self.cwd)

    @property
    def places(self) -> tuple[Path, ...]:
        """The person's own folders of instructions, which files may import from."""
        return tuple(file.parent for file in self.users)

    def found(self) -> list[Path]:
        """The files that hold from the start, the most specific last; each file once."""
        if not self.names:
            return []
        candidates = list(filter(is_file, self.users))
        if self.trusted:
            for folder in _down(self.root, self.cwd):
                candidates += self.of(folder)
        return _once(candidates)

    def of(self, folder: Path) -> list[Path]:
        """The instruction files of one folder: the first of the names, those that are kept out of
        the repository (``AGENTS.local.md``), and its rules."""
        names = [name for name in self.names if os.path.basename(name) == name]
        first = next((folder / name for name in names if is_file(folder / name)), None)
        local = [folder / local_name(name) for name in names if name.count(".") == 1]
        return [
            *([first] if first else []),
            *filter(is_file, local),
            *rules_of(folder),
        ]

    def below(self, path: Path) -> Iterator[Path]:
        """The folders from below the working folder down to ``path``, the nearest first. What
        others wrote has no say: installed packages, and repositories within the folder."""
        for part in reversed([path, *path.parents]):
            if part == self.cwd or not part.is_relative_to(self.cwd):
                continue
            if part.name in FOREIGN or not part.is_dir() or os.path.lexists(part / ".git"):
                return
            yield part

    def source(self, file: Path) -> str:
        """How a file is called: relative to the folder in a repository, or as of the person."""
        if file in self.users or not file.is_relative_to(self.root):
            within = file.is_relative_to(self.person)
            return f"~/{file.relative_to(self.person)}" if within else str(file)
        return os.path.relpath(file, self.cwd)

    def path(self, source: str) -> Path:
        """The file behind a source."""
        if source.startswith("~/"):
            return self.person / source[2:]
        return Path(os.path.normpath(self.cwd / source))


def user_files(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """The files of the machine and the person, ``home`` being ion's own folder."""
    person = person_of(env)
    shared = Path(env.get("XDG_CONFIG_HOME") or person / ".config")
    folders = (Path("/etc/ion"), home, shared / "agents", person / ".agents")
    return tuple(folder / "AGENTS.md" for folder in folders)


def person_of(env: Mapping[str, str]) -> Path:
    """The person's own folder."""
    return Path(env.get("HOME") or os.path.expanduser("~"))


def local_name(name: str) -> str:
    """``AGENTS.local.md`` of ``AGENTS.md``."""
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.local{dot}{suffix}"


def is_file(path: Path) -> bool:
    """Whether a regular file is there, also behind a link."""
    try:
        return stat.S_ISREG(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def rules_of(folder: Path) -> list[Path]:
    """The rule files of a folder, by name."""
    try:
        names = sorted(os.listdir(folder / RULES))
    except OSError:
        return []
    rules = folder / RULES
    return [rules / name for name in names if name.endswith(".md") and is_file(rules / name)]


def _down(top: Path, bottom: Path) -> list[Path]:
    between = [place for place in bottom.parents if place.is_relative_to(top)]
    return [*reversed(between), bottom]


def _once(files: Sequence[Path]) -> list[Path]:
    """Each file by its inode, at the first of its places."""
    kept: dict[tuple[int, int], Path] = {}
    for file in files:
        try:
            found = os.stat(file)
        except OSError:
            continue
        kept.setdefault((found.st_dev, found.st_ino), file)
    return list(kept.values())
