"""What a command line names that the person's rules about paths are about.

A command that only reads still reads: where a rule denies ``read`` of a file, ``cat`` of it is
denied too, and where one asks, so is every line that names it. Looked at is each word that is a
file or a folder here, whether the line is understood or not; a program that goes through a folder
is held to what is in it. What git keeps of a file in its history is not looked through, and
commands in WRITE mode are not looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ion_core.policy.base import Judgement, Unproved, ask
from ion_core.policy.shell.classify import folder_of
from ion_core.policy.shell.parse import Command, Pipeline, parse
from ion_core.policy.shell.scene import Scene

if TYPE_CHECKING:
    from ion_core.policy.policy import Policy

READERS: Final = ("read", "grep")
LISTERS: Final = ("list", "glob")
MOST_BELOW: Final = 3_000
"""Names below a folder that are looked at before the answer is a question; some 50 ms."""

_NAMING: Final = frozenset({"ls", "find", "fd", "fdfind", "tree", "du", "stat", "file", "realpath"})
_THROUGH: Final = frozenset({"rg", "find", "fd", "fdfind", "tree", "du", "ls", "diff", "xargs"})
_GREPS: Final = frozenset({"grep", "egrep", "fgrep"})
_GIT_FILES: Final = frozenset({"grep", "ls-files"})
_RECURSIVE: Final = re.compile(
    r"-[A-Za-z]*[rR][A-Za-z]*|--(dereference-)?recursive|--directories=r.*"
)
_RUNS: Final = frozenset({"-exec", "-execdir", "-x", "-X", "--exec", "--exec-batch"})
_SAYS: Final = frozenset({"echo", "printf", "true", "false"})
_JOINTS: Final = re.compile(r"[\s;&|<>(){}`\"'=,]+")


def objection(command: str, scene: Scene, policy: Policy) -> Judgement | None:
    """The denial, or else the question, that a rule about paths has for a command line."""
    if not policy.rules.objects(READERS) and not policy.rules.objects(LISTERS):
        return None
    found: Judgement | None = None
    for tools, path, below in _named(command, scene):
        answer = _about(tools, path, policy) or (_below(tools, path, policy) if below else None)
        if answer is not None and answer.decision == "deny":
            return answer
        found = found or answer
    return found


def _named(command: str, scene: Scene) -> Iterator[tuple[tuple[str, ...], Path, bool]]:
    """By which names a path goes in rules, the path, and whether what is below is read too."""
    try:
        pipelines = parse(command)
    except Unproved:
        yield from ((READERS, path, False) for path in _roughly(command, scene))
        return
    for pipeline in pipelines:
        try:
            folder = folder_of(pipeline)
            scene = scene if folder is None else scene.moved(folder)
        except Unproved:
            return  # the line is not proved either; a person sees it before it runs
        yield from _of_pipeline(pipeline, scene)


def _of_pipeline(pipeline: Pipeline, scene: Scene) -> Iterator[tuple[tuple[str, ...], Path, bool]]:
    passes_names = any(c.words and c.words[0].raw == "xargs" for c in pipeline.commands)
    for command in pipeline.commands:
        words = [word.value if word.is_plain else scene.value(word) for word in command.words]
        name = os.path.basename(words[0]) if words else ""
        if name in _SAYS and not passes_names:
            continue
        reads = name not in _NAMING or passes_names or not _RUNS.isdisjoint(words)
        tools, through = READERS if reads else LISTERS, _goes_through(name, words)
        paths = list(_paths(command, scene))
        if through and not any(path.is_dir() or path.is_file() for path in paths):
            paths.append(scene.cwd)
        yield from ((tools, path, through or passes_names) for path in paths)


def _goes_through(name: str, words: list[str]) -> bool:
    if name in _GREPS:
        return any(_RECURSIVE.match(word) for word in words[1:])
    if name == "git":
        return not _GIT_FILES.isdisjoint(words)
    return name in _THROUGH


def _paths(command: Command, scene: Scene) -> Iterator[Path]:
    """Each word that is there as a file or a folder, and what a glob matches."""
    for word in (*command.words[1:], *command.inputs):
        if word.is_glob:
            yield from (scene.cwd / match for match in scene.matches(word.value))
            continue
        value = scene.value(word)
        yield from _existing((value, *re.split("[=:]", value)), scene.cwd)


def _roughly(command: str, scene: Scene) -> Iterator[Path]:
    return _existing(_JOINTS.split(command), scene.cwd)


def _existing(texts: Iterable[str], cwd: Path) -> Iterator[Path]:
    for text in dict.fromkeys(texts):
        path = Path(text).expanduser() if text.startswith("~") else Path(text)
        if text and len(text) < 4096 and "\0" not in text and os.path.lexists(cwd / path):
            yield cwd / path


def _about(tools: tuple[str, ...], path: Path, policy: Policy) -> Judgement | None:
    """What is said of a path, of where it leads, and of the folders above both."""
    plain, real = Path(os.path.normpath(path)), Path(os.path.realpath(path))
    return policy.rules.objection(tools, [*policy.forms(plain), *policy.forms(real)])


def _below(tools: tuple[str, ...], folder: Path, policy: Policy) -> Judgement | None:
    """What is said of anything in a folder; where that is too much to look at, a question."""
    found: Judgement | None = None
    for count, path in enumerate(_walked(folder)):
        if count == MOST_BELOW:
            return found or ask(
                f"There are rules about paths, and more than {MOST_BELOW:,} files in {folder}.",
                "permissions.ask",
            )
        answer = policy.rules.objection(tools, _forms(path, policy))
        if answer is not None and answer.decision == "deny":
            return answer
        found = found or answer
    return found


def _forms(path: Path, policy: Policy) -> list[str]:
    """As those of a path whose folders were looked at before."""
    names = policy.names(path)
    if path.is_symlink():
        return [*names, *policy.forms(Path(os.path.realpath(path)))]
    return [*names, *(f"{name}/" for name in names)]


def _walked(folder: Path) -> Iterator[Path]:
    for above, folders, files in os.walk(folder):
        if ".git" in folders:
            folders.remove(".git")
        yield from (Path(above, name) for name in islice((*folders, *files), MOST_BELOW + 1))
