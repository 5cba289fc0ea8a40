"""Repositories that a command made: they keep their history, and run nothing.

``git init`` and ``git clone`` are ordinary work, so a new ``.git`` is left in place. Hooks in it
and configuration beyond what those two write are taken out.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable, Iterator

_HARMLESS = re.compile(
    r"core\.(repositoryformatversion|filemode|bare|logallrefupdates|ignorecase|precomposeunicode"
    r"|symlinks|autocrlf|eol|sharedrepository)"
    r"|user\.(name|email)|init\.defaultbranch|extensions\.(objectformat|refstorage|partialclone)"
    r"|remote\.(url|fetch|promisor|partialclonefilter|tagopt)"
    r"|branch\.(remote|merge|rebase)|submodule\.(active|url)|pull\.rebase"
)
_OF_MODULES = re.compile(rf"{_HARMLESS.pattern}|core\.worktree")
_SECTION = re.compile(r'\s*\[\s*([\w.-]+)(?:\s+"((?:[^"\\]|\\.)*)")?\s*\]\s*$')
_SETTING = re.compile(r"\s*([A-Za-z][\w-]*)\s*(?:=.*)?$")
_MOST_BYTES = 1 << 20


def defused(marks: Iterable[str], *, is_module: bool = False) -> tuple[str, ...]:
    """Take from these new ``.git`` folders what git would run; a sentence for each thing. That of a
    submodule may say where its files are."""
    harmless = _OF_MODULES if is_module else _HARMLESS
    return tuple(told for mark in marks for told in _defused(mark, harmless))


def led_back(worktree: str, common: str) -> str:
    """Make the folder of a new worktree say that it is of this repository."""
    _removed(f"{worktree}/commondir")
    with open(f"{worktree}/commondir", "x", encoding="utf-8") as file:
        file.write("../..\n")
    return f"{worktree}/commondir pointed to another place; it points to {common} now."


def _defused(mark: str, harmless: re.Pattern[str]) -> Iterator[str]:
    if os.path.islink(mark) or not os.path.isdir(mark):
        if _unlinked(mark):
            yield f"{mark} pointed to another place; it was removed."
        return
    for name in ("hooks", "config", "config.worktree", "commondir", "info/attributes"):
        if os.path.islink(f"{mark}/{name}") and _unlinked(f"{mark}/{name}"):
            yield f"{mark}/{name} was a link; it was removed."
    for hook in _hooks(f"{mark}/hooks"):
        _removed(hook)
        yield f"{hook} would run by itself; it was removed."
    for name in ("commondir", "config.worktree"):
        if os.path.lexists(f"{mark}/{name}"):
            _removed(f"{mark}/{name}")
            yield f"{mark}/{name} could make git run something; it was removed."
    if _tamed(f"{mark}/config", harmless):
        yield f"{mark}/config could make git run something; only harmless settings were kept."


def _hooks(folder: str) -> list[str]:
    if not os.path.isdir(folder):
        return []
    return [f"{folder}/{name}" for name in os.listdir(folder) if not name.endswith(".sample")]


def _tamed(config: str, harmless: re.Pattern[str]) -> bool:
    """Whether lines had to be taken out."""
    try:
        with open(config, encoding="utf-8", errors="surrogateescape", newline="\n") as file:
            lines = file.read(_MOST_BYTES).splitlines()
    except OSError:
        return False
    kept = list(_harmless(lines, harmless))
    if kept == lines:
        return False
    with open(config, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write("".join(f"{line}\n" for line in kept))
    return True


def _harmless(lines: Iterable[str], settings: re.Pattern[str]) -> Iterator[str]:
    section, is_continued = "", False
    for line in lines:
        was_continued, is_continued = is_continued, line.endswith("\\")
        if was_continued or is_continued:
            continue
        if not line.strip() or line.lstrip().startswith(("#", ";")):
            yield line
        elif found := _SECTION.match(line):
            section = found[1].lower()
            yield line
        elif (found := _SETTING.match(line)) and settings.fullmatch(
            f"{section}.{found[1]}".lower()
        ):
            yield line


def _removed(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        _unlinked(path)


def _unlinked(path: str) -> bool:
    try:
        os.unlink(path)
    except OSError:
        return False
    return True
