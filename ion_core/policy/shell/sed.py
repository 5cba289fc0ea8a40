"""Scripts of ``sed`` that only print: addresses and a few commands (rule C6).

The commands that write files or run programs (``w W e r R F i a c`` and the flags ``w e`` of
``s``) are not in the grammar; neither is a script in which bracket expressions and delimiters may
be read in two ways.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ion_core.policy.base import Unproved
from ion_core.policy.shell.options import Shape, check
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.words import Word

SED: Final = Shape(
    "-n -E -r -s -u -z -e=script --quiet --silent --regexp-extended --separate --unbuffered "
    "--null-data --posix --sandbox --expression=script --help --version",
    first="script",
    unless="-e --expression",
)
_PLAIN: Final = frozenset("pd=nNgGhHxPD")
_ADDRESS: Final = re.compile(r"\d+(~\d+)?|\$|[+~]\d+")
_FLAGS: Final = re.compile(r"[gpIimM0-9]*")
_BLANKS: Final = re.compile(r"[ ;]*")


def check_sed(words: Sequence[Word], scene: Scene) -> None:
    """Raises ``Unproved`` unless sed would only print."""
    given = check("sed", SED, words, scene)
    scripts = given.values("-e", "--expression")
    if not scripts:
        if not given.operands:
            return
        scripts = [given.operands[0].value]
    for script in scripts:
        _Script(script).check()


class _Script:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def check(self) -> None:
        if not self._text.isprintable() or not self._text.isascii():
            raise self._doubt()
        self._skip(_BLANKS)
        while self._at < len(self._text):
            self._addresses()
            self._command()
            self._skip(re.compile(" *"))
            if self._at < len(self._text) and self._take() != ";":
                raise self._doubt()
            self._skip(_BLANKS)

    def _addresses(self) -> None:
        if self._address():
            self._skip(re.compile(" *"))
            if self._peek() == ",":
                self._at += 1
                self._skip(re.compile(" *"))
                if not self._address():
                    raise self._doubt()
        self._skip(re.compile("[ !]*"))

    def _address(self) -> bool:
        if self._peek() == "/":
            self._at += 1
            self._delimited("/", is_pattern=True)
            self._skip(re.compile("[IM]*"))
            return True
        return bool(self._skip(_ADDRESS))

    def _command(self) -> None:
        command = self._take()
        if command == "s":
            delimiter = self._take()
            if delimiter.isalnum() or delimiter in "\\ ;[]":
                raise self._doubt()
            self._delimited(delimiter, is_pattern=True)
            self._delimited(delimiter, is_pattern=False)
            self._skip(_FLAGS)
        elif command == "y":
            delimiter = self._take()
            if delimiter.isalnum() or delimiter in "\\ ;[]":
                raise self._doubt()
            self._delimited(delimiter, is_pattern=False)
            self._delimited(delimiter, is_pattern=False)
        elif command in ("q", "Q"):
            self._skip(re.compile(r" *\d*"))
        elif command not in _PLAIN:
            raise self._doubt()

    def _delimited(self, delimiter: str, *, is_pattern: bool) -> None:
        start = self._at
        while (character := self._take()) != delimiter:
            if character == "\\":
                self._take()
        part = self._text[start : self._at - 1]
        # Where a bracket is left open, sed and its cousins disagree on where the pattern ends.
        if is_pattern and "[" in re.sub(r"\[\^?+\]?+[^]\[]*(\[:\w+:\][^]\[]*)*\]|\\.", "", part):
            raise self._doubt()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        if self._at >= len(self._text):
            raise self._doubt()
        self._at += 1
        return self._text[self._at - 1]

    def _skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found.group()

    def _doubt(self) -> Unproved:
        return Unproved(
            f"sed: the script {self._text[:60]!r} is not known to be harmless.", "shell.sed"
        )
