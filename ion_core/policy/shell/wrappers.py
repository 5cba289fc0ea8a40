"""Commands that run another: ``timeout``, ``nice``, ``env``, ``time``, ``xargs``, in plain forms.

What they run is judged as if it stood alone. ``xargs`` adds words that nobody has seen: its command
must be one of which no option does harm, and the words must be names that come from the workspace.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from ion_core.policy.base import Unproved
from ion_core.policy.secrets import aims_at_secrets
from ion_core.policy.shell.commands import check_assignment, check_external
from ion_core.policy.shell.options import check
from ion_core.policy.shell.parse import Command
from ion_core.policy.shell.programs import check_program
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.tables import READING, TELLING
from ion_core.policy.shell.words import Word

WRAPPERS: Final = frozenset({"timeout", "nice", "env", "time"})
_SECONDS: Final = re.compile(r"\d+(\.\d+)?[smhd]?")
_FORWARD: Final = re.compile(r"(sort|uniq)( -[a-z]+)*|(head|tail)( -\d+| -n ?\+?\d+)?")
_NAME: Final = re.compile(r"[^\s'\"\\]+")
_LISTS: Final = re.compile(r"-[zmoc]+|--(others|modified|cached|exclude-standard)|[^-].*")
_LS: Final = re.compile(r"-[1Rrt]+|[^-].*")
_LINKED: Final = frozenset(
    {"-printf", "-ls", "-lname", "-ilname", "-xtype", "-samefile"}
    | {"-exec", "-execdir", "-ok", "-okdir"}
)
_RG_NAMES: Final = (["--files"], ["-l"], ["--files-with-matches"])


def check_wrapper(words: Sequence[Word], scene: Scene) -> None:
    """Raises ``Unproved`` unless what is run in the end is harmless."""
    rest = list(words)
    while rest and rest[0].raw in WRAPPERS:
        check_program(rest[0].raw)
        rest = _unwrapped(rest[0].raw, rest[1:])
    if not rest:
        raise Unproved("There is no command.", "shell.empty")
    if not rest[0].is_plain or rest[0].raw != rest[0].value:
        raise Unproved(f"{rest[0].raw[:60]} hides the name of a command.", "shell.program")
    check_external(rest, scene)


def _unwrapped(wrapper: str, rest: list[Word]) -> list[Word]:
    match wrapper:
        case "timeout" if rest and _SECONDS.fullmatch(rest[0].raw):
            return rest[1:]
        case "nice" if rest and re.fullmatch(r"-n\d+|-n", rest[0].raw):
            return _after_number(rest)
        case "time" if rest and not rest[0].raw.startswith("-"):
            return rest
        case "env":
            return _after_assignments(rest)
        case _:
            raise Unproved(f"{wrapper} is not in its plainest form.", "shell.wrapper")


def _after_number(rest: list[Word]) -> list[Word]:
    if rest[0].raw != "-n":
        return rest[1:]
    if len(rest) < 2 or not rest[1].raw.isdecimal():
        raise Unproved("nice has no number.", "shell.wrapper")
    return rest[2:]


def _after_assignments(rest: list[Word]) -> list[Word]:
    count = 0
    for word in rest:
        if "=" not in word.value:
            break
        check_assignment(word)
        count += 1
    return rest[count:]


def check_xargs(command: Command, before: Sequence[Command], scene: Scene) -> None:
    """Raises ``Unproved`` unless any name of the workspace may be added to what xargs runs.

    ``before`` are the commands of the pipeline whose output it reads.
    """
    check_program("xargs")
    words = _xargs_command(command.words[1:])
    name = words[0].raw if words else "echo"
    shape = READING.get(name) or TELLING.get(name)
    if name != "echo" and (shape is None or not shape.inert):
        raise Unproved(f"xargs may add options to {name[:60]}.", "shell.xargs")
    if shape is not None:
        check(name, shape, words[1:], scene)
        check_program(name)
    if command.inputs or command.assignments:
        raise Unproved("xargs reads names from a file.", "shell.xargs")
    if not before or not _gives_names(before[0], scene):
        raise Unproved("xargs reads words that are not names of files here.", "shell.xargs")
    if any(not _FORWARD.fullmatch(later.text) or later.inputs for later in before[1:]):
        raise Unproved("xargs reads words that were changed on their way.", "shell.xargs")


def _xargs_command(words: Sequence[Word]) -> list[Word]:
    rest = list(words)
    while rest and rest[0].raw.startswith("-"):
        option = rest.pop(0).raw
        if option in ("-n", "-P", "-L") and rest and rest[0].raw.isdecimal():
            rest.pop(0)
        elif not re.fullmatch(r"-[0rt]+|-[nPL]\d+|--null|--no-run-if-empty", option):
            raise Unproved(f"xargs: {option[:60]} is in doubt.", "shell.xargs")
    return rest


def _gives_names(command: Command, scene: Scene) -> bool:
    """Whether a command prints names of files in the workspace and nothing else."""
    name, words = command.words[0].raw, command.words[1:]
    values = [word.value for word in words]
    if command.inputs or not all(_is_name(value) for value in values):
        return False
    if name == "echo":
        for word in words:
            scene.check_readable(word)
        return not any(value.startswith("-") for value in values)
    if name == "rg":
        return values[:1] in _RG_NAMES and not {"--", "--json"}.intersection(values)
    if name == "git":
        return values[:1] == ["ls-files"] and all(_LISTS.fullmatch(v) for v in values[1:])
    if name == "ls":
        return all(_LS.fullmatch(value) for value in values)
    if name in ("fd", "fdfind"):
        return not any(re.match(r"-[A-Za-z01]*t|--type", value) for value in values)
    return name == "find" and _LINKED.isdisjoint(values) and "l" not in _after(values, "-type")


def _after(values: Sequence[str], option: str) -> str:
    return "".join(b for a, b in pairwise(values) if a == option)


def _is_name(value: str) -> bool:
    """Whether a word can only be the beginning of names in the workspace, or an option."""
    is_inside = not value.startswith(("/", "..")) and "/.." not in value
    return is_inside and bool(_NAME.fullmatch(value)) and not aims_at_secrets(value)
