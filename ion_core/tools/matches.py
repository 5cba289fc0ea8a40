"""What a search found, as ripgrep tells it record by record, and as a model reads it."""

from __future__ import annotations

import os
from typing import Protocol

from ion_core.tools.truncate import clip

_LONGEST_LINE = 300
_BASE = ("--null", "--with-filename", "--no-heading", "--sort=path")


class Found(Protocol):
    """Collects the records that ``flags`` make ripgrep print, each ended by ``end``."""

    flags: tuple[str, ...]
    end: bytes

    def add(self, record: bytes) -> bool:
        """Take a record in. False: there is enough."""
        ...

    @property
    def content(self) -> str: ...

    @property
    def summary(self) -> str: ...


class Names:
    """The files that have a match."""

    flags: tuple[str, ...] = (*_BASE, "--files-with-matches")
    end = b"\0"

    def __init__(self, folder: str, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._names: list[str] = []
        self._is_more = False

    def add(self, record: bytes) -> bool:
        if len(self._names) == self._limit:
            self._is_more = True
            return False
        self._names.append(_path(self._folder, record))
        return True

    @property
    def content(self) -> str:
        return clip("\n".join(self._names)) + _note(self._is_more, self._limit, "files")

    @property
    def summary(self) -> str:
        return _plural(len(self._names), "file", self._is_more)


class Counts:
    """How many lines match, by file."""

    flags: tuple[str, ...] = (*_BASE, "--count")
    end = b"\n"

    def __init__(self, folder: str, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._counts: dict[str, int] = {}
        self._is_more = False

    def add(self, record: bytes) -> bool:
        name, nul, count = record.partition(b"\0")
        if not nul:  # a complaint; whoever runs ripgrep raises it
            return True
        if len(self._counts) == self._limit:
            self._is_more = True
            return False
        self._counts[_path(self._folder, name)] = int(count)
        return True

    @property
    def content(self) -> str:
        lines = "\n".join(f"{name}: {count}" for name, count in self._counts.items())
        return clip(lines) + _note(self._is_more, self._limit, "files")

    @property
    def summary(self) -> str:
        total = _plural(sum(self._counts.values()), "match", self._is_more)
        return f"{total} in {_plural(len(self._counts), 'file', self._is_more)}"


class Matches:
    """The lines that match and the lines around them: ``12:`` is a match, ``13-`` is near one."""

    end = b"\n"

    def __init__(self, folder: str, limit: int, context: int) -> None:
        self._folder, self._limit = folder, limit
        self.flags: tuple[str, ...] = (
            *_BASE,
            "--line-number",
            f"--context={context}",
            "--max-columns=2000",
            "--max-columns-preview",
        )
        self._lines: list[str] = []
        self._file: bytes | None = None
        self._files = self._matches = 0
        self._is_more = False

    def add(self, record: bytes) -> bool:
        if record == b"--":
            self._lines.append("--")
            return True
        name, nul, text = record.partition(b"\0")
        if not nul:  # a complaint; whoever runs ripgrep raises it
            return True
        digits = len(text) - len(text.lstrip(b"0123456789"))
        is_match = text[digits : digits + 1] == b":"
        if is_match and self._matches == self._limit:
            self._is_more = True
            return False
        self._begin(name)
        self._matches += is_match
        self._lines.append(_shortened(text.decode("utf-8", "replace").rstrip("\r")))
        return True

    def _begin(self, name: bytes) -> None:
        if name == self._file:
            return
        if self._lines and self._lines[-1] == "--":
            self._lines.pop()
        self._lines += (
            ["", _path(self._folder, name)] if self._file else [_path(self._folder, name)]
        )
        self._file, self._files = name, self._files + 1

    @property
    def content(self) -> str:
        return clip("\n".join(self._lines)) + _note(self._is_more, self._limit, "matches")

    @property
    def summary(self) -> str:
        total = _plural(self._matches, "match", self._is_more)
        return f"{total} in {_plural(self._files, 'file', self._is_more)}"


def _path(folder: str, name: bytes) -> str:
    return os.path.normpath(os.path.join(folder, name.decode("utf-8", "replace")))


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "… [cut]"


def _note(is_more: bool, limit: int, what: str) -> str:
    return f"\n[more {what} than the limit of {limit:,}]" if is_more else ""


def _plural(count: int, noun: str, is_more: bool) -> str:
    plural = {"match": "matches", "file": "files"}[noun]
    return f"{count:,}{'+' * is_more} {noun if count == 1 and not is_more else plural}"
