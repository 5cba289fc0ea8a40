"""Where a command would run, and which files it may read there.

A path is followed to what it really is before it is judged; a glob is judged by everything that it
could match. What is missing is harmless to read, unless ``..`` follows it.
"""

from __future__ import annotations

import glob
import os
import re
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from ion_core.policy.base import Unproved
from ion_core.policy.secrets import aims_at_secrets, may_be_secret
from ion_core.policy.shell.words import SOME, Word
from ion_core.tools.paths import PathMissing, PathOutside, PathRefused, Workspace

MOST_MATCHES: Final = 300

_SYSTEM: Final = tuple(Path(folder) for folder in ("/usr", "/bin", "/sbin", "/lib", "/lib64"))
_WELL_KNOWN: Final = frozenset(
    {"/dev/null", "/etc/os-release", "/etc/lsb-release", "/etc/debian_version", "/etc/issue"}
    | {f"/proc/{name}" for name in ("cpuinfo", "meminfo", "version", "loadavg", "uptime")}
)
_SOLID: Final = re.compile(r"[\w./@%+=:,-]+")
_BRACKETS: Final = re.compile(r"\[[!^]?\]?[A-Za-z0-9_.\-]+\]")


@dataclass(frozen=True)
class Scene:
    """A workspace, the folder in it where a command runs, and the person's home. ``is_sure``: a
    ``cd`` to it cannot fail, as one to a folder that is missing does."""

    workspace: Workspace
    cwd: Path
    home: str
    is_sure: bool = True

    def moved(self, folder: str) -> Scene:
        """The scene after ``cd`` to a folder in the workspace; where there is none, bash stays."""
        is_sure = self.is_sure
        try:
            there = self.workspace.resolve(self._absolute(folder), "list")
        except PathMissing as error:
            if folder.startswith("/") or ".." in folder.split("/"):
                raise Unproved(f"cd: {error}", "shell.path") from error
            there, is_sure = self.cwd, False
        except PathRefused as error:
            raise Unproved(f"cd: {error}", "shell.path") from error
        else:  # bash remembers by which link it came, for the next ``..``
            if str(there) != os.path.normpath(self._absolute(folder)):
                raise Unproved(f"cd leads through a link, to {there}.", "shell.path")
        if not there.is_relative_to(self.workspace.root):
            raise Unproved(f"cd leads out of the workspace, to {there}.", "shell.path")
        return replace(self, cwd=there, is_sure=is_sure and there.is_dir())

    def value(self, word: Word) -> str:
        """What a program is given for a word without a glob."""
        if word.variable in ("", SOME):
            return word.value
        value = self.home if word.variable == "HOME" else str(self.cwd)
        if word.raw.startswith("$") and not _SOLID.fullmatch(value):
            raise Unproved(f"{word.raw} may become several words.", "shell.word")
        return value

    def check_readable(self, word: Word) -> None:
        """Raises ``Unproved`` unless the file, or all that the glob can match, may be read."""
        if word.variable == SOME:
            raise Unproved(f"{word.raw} is one of several files.", "shell.word")
        if word.is_glob:
            if aims_at_secrets(word.value):
                raise Unproved(f"{word.raw} finds keys and passwords.", "shell.secret")
            for match in self.matches(word.value):
                self.check_path(match)
        self.check_path(self.value(word))

    def check_path(self, path: str) -> None:
        """Raises ``Unproved`` unless reading ``path`` tells nothing from outside."""
        if path in ("", "-") or path in _WELL_KNOWN:
            return
        try:
            real = self.workspace.resolve(self._absolute(path), "read")
        except PathMissing as error:
            if ".." in path.split("/"):
                raise Unproved(str(error), "shell.path") from error
            real = Path(self._absolute(path))
        except PathOutside as error:
            real = _system(path, error)
        except PathRefused as error:
            raise Unproved(str(error), "shell.path") from error
        if may_be_secret(self._names(real)) or may_be_secret(tuple(path.split("/"))):
            raise Unproved(f"{path} is where keys and passwords are kept.", "shell.secret")

    def _absolute(self, path: str) -> str:
        return path if path.startswith("/") else f"{self.cwd}/{path}"

    def _names(self, real: Path) -> tuple[str, ...]:
        """The components below the workspace: where the workspace itself is, says nothing."""
        root = self.workspace.root
        return real.relative_to(root).parts if real.is_relative_to(root) else real.parts

    def matches(self, pattern: str) -> list[str]:
        """What bash could make of a glob, or more: a set of characters counts as any one. Raises
        ``Unproved`` for too many."""
        wider = _BRACKETS.sub("?", pattern)
        if "[" in wider:
            raise Unproved(f"The pattern {pattern} is in doubt.", "shell.glob")
        found = glob.iglob(wider, root_dir=None if wider.startswith("/") else self.cwd)
        matches = list(islice(found, MOST_MATCHES + 1))
        if len(matches) > MOST_MATCHES:
            raise Unproved(f"{pattern} matches more than {MOST_MATCHES} files.", "shell.glob")
        return matches


def _system(path: str, outside: PathOutside) -> Path:
    """A path to what came with the system and is no secret; such a path has no ``..``."""
    in_system = any(outside.real.is_relative_to(folder) for folder in _SYSTEM)
    if not in_system or ".." in path.split("/") or not os.path.lexists(outside.real):
        raise Unproved(str(outside), "shell.path") from outside
    return outside.real
