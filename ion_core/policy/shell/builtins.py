"""What bash itself does for a command: the few builtins that only tell (rule C4).

A builtin that takes the name of a variable, or reckons, may run what stands in a subscript;
``printf -v`` and ``test -v`` are such ones, and not here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from ion_core.policy.base import Unproved
from ion_core.policy.shell.options import Shape, check, check_value
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.words import Word

Check: TypeAlias = Callable[[Sequence[Word], Scene], None]

_FILE_TESTS: Final = frozenset({"-f", "-d", "-e", "-r", "-s", "-w", "-x", "-L", "-h"})
_TEXT_TESTS: Final = frozenset({"-z", "-n"})
_EQUALS: Final = frozenset({"=", "==", "!="})
_NUMBERS: Final = frozenset({"-eq", "-ne", "-lt", "-le", "-gt", "-ge"})
# %n sets a variable, such as PATH (bash(1) does not say so; printf.def does).
_FORMAT: Final = re.compile(
    r"(?!-)([^%]|%%|%[-+ #0']*(\*|\d+)?(\.(\*|\d+)?)?[diouxXeEfFgGaAcsbq])*", re.DOTALL
)
_NAMES: Final = Shape("-v -V", operands="name", least=1)
_TYPES: Final = Shape("-t -a -p", operands="name", least=1)


def _echo(words: Sequence[Word], scene: Scene) -> None:
    """Any words at all: names that a glob matches are no secret of a file inside."""
    for word in words:
        if word.is_glob:
            scene.check_readable(word)


def _printf(words: Sequence[Word], scene: Scene) -> None:
    if not words or not words[0].is_plain or not _FORMAT.fullmatch(words[0].value):
        raise Unproved("printf: the format is in doubt.", "shell.builtin")
    _echo(words[1:], scene)


def _pwd(words: Sequence[Word], scene: Scene) -> None:
    check("pwd", Shape("-L -P", most=0), words, scene)


def _type(words: Sequence[Word], scene: Scene) -> None:
    check("type", _TYPES, words, scene)


def _command(words: Sequence[Word], scene: Scene) -> None:
    if not words or words[0].raw not in ("-v", "-V"):
        raise Unproved("command runs what follows it.", "shell.builtin")
    check("command", _NAMES, words, scene)


def _bracket(words: Sequence[Word], scene: Scene) -> None:
    _test(words[:-1], scene)
    if not words or words[-1].raw != "]":
        raise Unproved("[ is not closed.", "shell.builtin")


def _test(words: Sequence[Word], scene: Scene) -> None:
    rest = list(words)
    if rest and rest[0].raw == "!":
        rest.pop(0)
    if any(word.is_glob for word in rest):
        raise Unproved("test: a glob may become an operator.", "shell.glob")
    match [scene.value(word) for word in rest]:
        case [operator, _] if operator in _FILE_TESTS:
            scene.check_readable(rest[1])
        case [operator, _] if operator in _TEXT_TESTS:
            return
        case [_, operator, _] if operator in _EQUALS:
            return
        case [_, operator, _] if operator in _NUMBERS:
            check_value("number", rest[0], scene, "test")
            check_value("number", rest[2], scene, "test")
        case _:
            raise Unproved("test: the condition is not known to be harmless.", "shell.builtin")


BUILTINS: Final[dict[str, Check]] = {
    "echo": _echo,
    "printf": _printf,
    "pwd": _pwd,
    "type": _type,
    "command": _command,
    "test": _test,
    "[": _bracket,
}
