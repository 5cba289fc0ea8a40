"""One simple command: which table or grammar speaks for it, and whether it is within (C4, C5).

A name that no table holds is unknown, and unknown is never harmless.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ion_core.policy.base import Unproved
from ion_core.policy.shell.archives import check_gzip, check_tar, check_unzip
from ion_core.policy.shell.builtins import BUILTINS, Check
from ion_core.policy.shell.git import check_git
from ion_core.policy.shell.options import Given, check
from ion_core.policy.shell.parse import Command
from ion_core.policy.shell.programs import bare_name, check_program
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.scripts import check_awk, check_jq
from ion_core.policy.shell.search import FD, RG, check_find
from ion_core.policy.shell.sed import check_sed
from ion_core.policy.shell.tables import READING, TELLING, VERSION_LETTERS, VERSIONED
from ion_core.policy.shell.words import Word

_PLAIN_VALUE: Final = re.compile(r"[A-Za-z0-9_.@:+\-]*")
_ZONE: Final = re.compile(r"([A-Za-z0-9_:+\-]*[A-Za-z0-9_+\-](/[A-Za-z0-9_+\-]+){0,2})?")
_VARIABLES: Final = re.compile(r"(LC_[A-Z]+|LANG|TZ|NO_COLOR|TERM|COLUMNS)=(.*)", re.DOTALL)
_SHAPES: Final = {**READING, **TELLING, "rg": RG, "fd": FD, "fdfind": FD}


def _given(program: str, words: Sequence[Word], scene: Scene) -> Given:
    return check(program, _SHAPES[program], words, scene)


def _ps(words: Sequence[Word], scene: Scene) -> None:
    if [word.raw for word in words] != ["aux"]:
        _given("ps", words, scene)


def _strings(words: Sequence[Word], scene: Scene) -> None:
    """binutils read options from a file that is named after an @."""
    if any(word.value.startswith("@") for word in words):
        raise Unproved("strings: a file may bring options.", "shell.option")
    _given("strings", words, scene)


_GRAMMARS: Final[dict[str, Check]] = {
    "find": check_find,
    "git": check_git,
    "sed": check_sed,
    "awk": check_awk,
    "gawk": check_awk,
    "mawk": check_awk,
    "jq": check_jq,
    "tar": check_tar,
    "unzip": check_unzip,
    "gzip": check_gzip,
    "ps": _ps,
    "strings": _strings,
}


def check_command(command: Command, scene: Scene) -> None:
    """Raises ``Unproved`` unless the command reads, tells, and does no more."""
    check_surroundings(command, scene)
    if not command.words:
        raise Unproved("There is no command.", "shell.empty")
    check_words(command.words, scene)


def check_surroundings(command: Command, scene: Scene) -> None:
    """Raises ``Unproved`` unless what is set before and read by a command is harmless."""
    for word in command.assignments:
        check_assignment(word)
    for word in command.inputs:
        if word.is_glob:
            raise Unproved("The input of a command is a glob.", "shell.redirect")
        scene.check_readable(word)


def check_words(words: Sequence[Word], scene: Scene) -> None:
    """As :func:`check_command`, of the words alone."""
    first, *rest = words
    if not first.is_plain or first.raw != first.value:
        raise Unproved(f"{first.raw[:60]} hides the name of a command.", "shell.program")
    if first.value in BUILTINS:
        BUILTINS[first.value](rest, scene)
        return
    check_external(words, scene)


def check_external(words: Sequence[Word], scene: Scene) -> None:
    """As :func:`check_words`, where no builtin of bash can be meant."""
    name, rest = bare_name(words[0].value), words[1:]
    if not _is_version(name, rest):
        _check_known(name, rest, scene)
    check_program(words[0].value)


def _check_known(name: str, rest: Sequence[Word], scene: Scene) -> None:
    if name in _GRAMMARS:
        _GRAMMARS[name](rest, scene)
    elif name in _SHAPES:
        _given(name, rest, scene)
    else:
        raise Unproved(f"{name[:60]} is not known to be harmless.", "shell.unknown")


def _is_version(name: str, rest: Sequence[Word]) -> bool:
    if len(rest) != 1:
        return False
    said = rest[0].raw
    return (said == "--version" and name in VERSIONED) or (name, said) in VERSION_LETTERS


def check_assignment(word: Word) -> None:
    """Raises ``Unproved`` unless a variable is set that changes no more than how things look."""
    found = _VARIABLES.fullmatch(word.value)
    if not found or not word.is_plain or not _plain_value(found[1]).fullmatch(found[2]):
        raise Unproved(f"{word.raw[:60]} may change what commands do.", "shell.assignment")


def _plain_value(variable: str) -> re.Pattern[str]:
    return _ZONE if variable == "TZ" else _PLAIN_VALUE
