"""On which line of a TOML text a key stands.

``tomllib`` forgets positions, and an error without its line is half an error. This scanner walks a
text that ``tomllib`` has already accepted and notes the line of every key, also inside inline
tables and arrays; it understands no values. Used for errors, warnings and ``ion config explain``
only.
"""

from __future__ import annotations

import re

from ion_core.config.scope import KeyPath

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_KEY_PART = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')[ \t]*""")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' r"'''.*?'{3,5}|" r'"(?:[^"\\\n]|\\.)*"|' r"'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}\n#]+")


def split_key(text: str) -> KeyPath:
    """The names in a dotted key such as ``providers.work.models."a.b"``.

    Raises ``ValueError`` when it is not one.
    """
    scanner = _Scanner(text)
    path = scanner.key()
    if scanner.at != len(text):
        raise ValueError(f"not a key: {text!r}")
    return path


def key_lines(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every key and table of ``text``, which must be valid TOML."""
    return _Scanner(text.removeprefix("\ufeff")).document()


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of ``path``, or of the nearest key above it; 0 when there is none."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return 0


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.lines: dict[KeyPath, int] = {}
        self.counts: dict[KeyPath, int] = {}

    def document(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        self.blank()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.blank()
        return self.lines

    def blank(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def note(self, path: KeyPath) -> None:
        line = self.text.count("\n", 0, self.at) + 1
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)

    def key(self) -> KeyPath:
        names: list[str] = []
        while True:
            found = _KEY_PART.match(self.text, self.at)
            if not found:
                raise ValueError(f"not a key: {self.text!r}")
            bare, quoted, literal = found.groups()
            names.append(bare or (literal if quoted is None else _unescaped(quoted)) or "")
            self.at = found.end()
            if not self.text.startswith(".", self.at):
                return tuple(names)
            self.at += 1

    def header(self) -> KeyPath:
        many = self.text.startswith("[[", self.at)
        start, self.at = self.at, self.at + (2 if many else 1)
        path = self.indexed(self.key())
        if many:
            number = self.counts.get(path, 0)
            self.counts[path] = number + 1
            path = (*path, number)
        end, self.at = self.at, start
        self.note(path)
        self.at = end + (2 if many else 1)
        return path

    def indexed(self, names: KeyPath) -> KeyPath:
        """``[a.b]`` below ``[[a]]`` speaks of the newest element of ``a``."""
        path: KeyPath = ()
        for place, name in enumerate(names):
            path = (*path, name)
            if path in self.counts and place < len(names) - 1:
                path = (*path, self.counts[path] - 1)
        return path

    def pair(self, table: KeyPath) -> None:
        start = self.at
        path = (*table, *self.key())
        end, self.at = self.at, start
        self.note(path)
        self.at = end + 1
        self.value(path)

    def value(self, path: KeyPath) -> None:
        self.blank()
        match self.text[self.at]:
            case "{":
                self.items(path, "}")
            case "[":
                self.items(path, "]")
            case '"' | "'":
                self.skip(_STRING)
            case _:
                self.skip(_SCALAR)

    def items(self, path: KeyPath, close: str) -> None:
        self.at += 1
        number = 0
        self.blank()
        while self.text[self.at] != close:
            if self.text[self.at] == ",":
                self.at += 1
            elif close == "}":
                self.pair(path)
            else:
                self.note((*path, number))
                self.value((*path, number))
                number += 1
            self.blank()
        self.at += 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.at)
        self.at = found.end() if found else self.at + 1


def _unescaped(text: str) -> str:
    # A quoted key is rare and an escape in one rarer still: let the real parser read it.
    if "\\" not in text:
        return text
    import tomllib

    return str(tomllib.loads(f'key = "{text}"')["key"])
