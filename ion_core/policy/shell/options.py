"""Which options and operands a program may be given, as data, and how words are held to it (C5).

A shape is written in one line: ``-l --color[=word] -n=number --file=read``. An option that is not
written there is unknown, an abbreviation too; a value that looks like an option is in doubt.
Options count wherever they stand before ``--``, as GNU's getopt has it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from ion_core.policy.base import Unproved
from ion_core.policy.secrets import aims_at_secrets, may_be_secret
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.words import SOME, Word

_OPTION: Final = re.compile(r"(--?[\w.+#?-]+)(?:(\[=)?=?(\w+)\]?)?$")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?[A-Za-z]{0,3}")
_GIT_KEY: Final = re.compile(r"[A-Za-z][\w-]*\.[\w./-]+")
_GIT_SECRET: Final = re.compile(r"(?i)token|passw|secret|header|credential|key|url|^http")
ANY_NUMBER: Final = 10_000
_SIGNED: Final = frozenset({"number"})

Kind = str
"""number | word (a text that is not a path) | read (a path) | rev | date | charset | none | script
(as ``word``, but never a glob) | a name that a shape's ``kinds`` explains."""


@dataclass(frozen=True)
class Option:
    """An option; ``kind`` is of its value, empty without one. An optional one is attached."""

    kind: Kind = ""
    optional: bool = False


@dataclass(frozen=True)
class Shape:
    """What a program accepts. ``first`` is the kind of the first operand (such as a pattern)
    unless one of the options in ``unless`` is given; ``most`` counts operands."""

    options: str = ""
    operands: Kind = "read"
    first: Kind = ""
    unless: str = ""
    least: int = 0
    most: int = ANY_NUMBER
    numbers: bool = False  # -5 is an option
    inert: bool = False  # no option of the program does harm: any file name may be an operand
    exact: bool = False  # letters are not bundled, values stand apart
    posix: bool = False  # options end at the first operand

    @cached_property
    def table(self) -> dict[str, Option]:
        """The options by name."""
        return dict(_option(text) for text in self.options.split())


@dataclass(frozen=True)
class Given:
    """The options that were given, and the operands."""

    options: tuple[tuple[str, str], ...]
    operands: tuple[Word, ...]

    def has(self, *names: str) -> bool:
        """Whether one of these options was given."""
        return any(name in names for name, _ in self.options)

    def values(self, *names: str) -> list[str]:
        """The values of these options."""
        return [value for name, value in self.options if name in names]


def names(text: str) -> frozenset[str]:
    """The names of a list with blanks between them."""
    return frozenset(text.split())


def _option(text: str) -> tuple[str, Option]:
    found = _OPTION.match(text)
    if found is None:
        raise ValueError(f"no option: {text}")
    return found[1], Option(found[3] or "", optional=found[2] is not None)


def check(program: str, shape: Shape, words: Sequence[Word], scene: Scene) -> Given:
    """What the words mean. Raises ``Unproved`` where a word is not in the shape."""
    given = read(program, shape, words, scene)
    for at, word in enumerate(given.operands):
        is_first = at == 0 and shape.first and not given.has(*shape.unless.split())
        check_value(shape.first if is_first else shape.operands, word, scene, program)
    is_counted = shape.most < ANY_NUMBER
    if is_counted and any(word.is_glob for word in given.operands):
        raise Unproved(f"{program}: a glob may be many operands.", "shell.glob")
    if not shape.least <= len(given.operands) <= shape.most:
        raise Unproved(f"{program}: {len(given.operands)} operands are in doubt.", "shell.operand")
    return given


def read(program: str, shape: Shape, words: Sequence[Word], scene: Scene) -> Given:
    """As :func:`check`, without a look at the operands."""
    reading = _Reading(program, shape, list(words), scene)
    return reading.given()


class _Reading:
    def __init__(self, program: str, shape: Shape, words: list[Word], scene: Scene) -> None:
        self._program, self._shape, self._scene = program, shape, scene
        self._rest = words[::-1]
        self._options: list[tuple[str, str]] = []
        self._operands: list[Word] = []

    def given(self) -> Given:
        while self._rest:
            word = self._rest.pop()
            text = self._scene.value(word)
            if text == "--" and word.is_plain and not self._shape.exact:
                self._operands += self._rest[::-1]
                break
            self._check_form(word)
            if not text.startswith("-") or text == "-":
                self._operands.append(word)
                if self._shape.posix:
                    self._operands += self._rest[::-1]
                    break
            elif text.startswith("--"):
                self._long(text)
            elif self._shape.numbers and text[1:].isdecimal() and text.isascii():
                self._options.append(("-N", text[1:]))
            elif self._shape.exact:
                self._exact(text)
            else:
                self._short(text)
        return Given(tuple(self._options), tuple(self._operands))

    def _check_form(self, word: Word) -> None:
        if word.is_plain or (self._shape.inert and word.variable != SOME):
            return
        if word.variable or not word.has_safe_start:
            raise Unproved(
                f"{self._program}: {word.raw} may become an option; write ./ or -- before it.",
                "shell.glob",
            )

    def _long(self, text: str) -> None:
        name, equals, value = text.partition("=")
        option = self._shape.table.get(name)
        if option is None or (equals and not option.kind):
            raise self._unknown(text)
        if option.kind and not option.optional and not equals:
            value = self._next(name, option)
        elif equals:
            self._check(option, value)
        self._options.append((name, value))

    def _exact(self, text: str) -> None:
        option = self._shape.table.get(text)
        if option is None:
            raise self._unknown(text)
        self._options.append((text, self._next(text, option) if option.kind else ""))

    def _short(self, text: str) -> None:
        for at in range(1, len(text)):
            name, attached = f"-{text[at]}", text[at + 1 :]
            option = self._shape.table.get(name)
            if option is None:
                raise self._unknown(text)
            if not option.kind:
                self._options.append((name, ""))
                continue
            if attached or option.optional:
                self._check(option, attached)
                self._options.append((name, attached))
            else:
                self._options.append((name, self._next(name, option)))
            return

    def _next(self, name: str, option: Option) -> str:
        if not self._rest:
            raise Unproved(f"{self._program}: {name} has no value.", "shell.option")
        word = self._rest.pop()
        value = self._scene.value(word)
        self._check_form(word)
        if word.is_glob and not (self._shape.inert and option.kind in ("word", "glob")):
            raise Unproved(f"{self._program}: {word.raw} is a glob.", "shell.glob")
        if value.startswith("-") and len(value) > 1 and option.kind not in _SIGNED:
            raise Unproved(f"{self._program}: {name} {value} is in doubt.", "shell.option")
        self._check(option, value)
        return value

    def _check(self, option: Option, value: str) -> None:
        if value or not option.optional:
            check_value(option.kind, Word(value, value), self._scene, self._program)

    def _unknown(self, text: str) -> Unproved:
        return Unproved(
            f"{self._program}: the option {text[:60]} is not known to be harmless.", "shell.option"
        )


def check_value(kind: Kind, word: Word, scene: Scene, program: str) -> None:
    """Raises ``Unproved`` unless a word is a value of this kind."""
    if kind == "read":
        scene.check_readable(word)
        return
    if kind == "word":
        return
    text = scene.value(word)
    if word.is_glob or not _IS_KIND[kind](text):
        raise Unproved(f"{program}: {text[:60]!r} is no {kind}.", "shell.operand")
    if kind == "rev" and may_be_secret(tuple(re.split(r"[:/]", text))):
        raise Unproved(f"{text[:60]} is where keys and passwords are kept.", "shell.secret")
    if kind == "glob" and aims_at_secrets(text):
        raise Unproved(f"{text[:60]} finds keys and passwords.", "shell.secret")
    if kind == "rev" and (text.startswith(("/", "../")) or "/../" in text or text == ".."):
        scene.check_path(text)


_IS_KIND: Final[dict[Kind, Callable[[str], bool]]] = {
    "number": lambda text: _NUMBER.fullmatch(text) is not None,
    "script": lambda _: True,
    "rev": lambda _: True,
    "glob": lambda _: True,
    "name": lambda text: (
        re.fullmatch(r"[\w.+-]+", text) is not None and text[0] != "-" and "signature" not in text
    ),
    "date": lambda text: text.startswith("+"),
    "charset": lambda text: re.fullmatch(r"[\w.:+-]+(//[A-Z,]*)?", text) is not None,
    "pretty": lambda text: not re.search(r"%[-+ ]?G", text) and "signature" not in text,
    "key": lambda text: _GIT_KEY.fullmatch(text) is not None and not _GIT_SECRET.search(text),
    "letters": lambda text: re.fullmatch(r"[a-zA-Z]*", text) is not None,
}
