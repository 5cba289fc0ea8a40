"""Whether a git command only looks, in this repository (rule C7).

A harmless command line is not enough: git obeys the configuration of the repository it stands in,
so that is read as well.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from ion_core.policy.base import Unproved
from ion_core.policy.shell.git_repository import check_repository
from ion_core.policy.shell.git_table import BELOW, CONFIG, LISTING, READING
from ion_core.policy.shell.options import Shape, check
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.words import Word

_GLOBAL = ("--no-pager", "-P", "--no-optional-locks")
_LISTS = ("--list", "--contains", "--no-contains", "--merged", "--no-merged", "--points-at")


def check_git(words: Sequence[Word], scene: Scene) -> None:
    """Raises ``Unproved`` unless the command only looks and the repository is harmless."""
    rest = list(words)
    while rest and rest[0].raw in _GLOBAL:
        rest.pop(0)
    if not rest or not rest[0].is_plain:
        raise Unproved("git: there is no subcommand.", "shell.git")
    name, rest = rest[0].value, rest[1:]
    if name == "--version":
        check("git --version", Shape(most=0), rest, scene)
        return
    _check_place(scene)
    _check_subcommand(name, rest, scene)
    check_repository(Path(scene.cwd))


def _check_place(scene: Scene) -> None:
    """Raises ``Unproved`` where git may find another repository than that of the workspace."""
    below = (scene.cwd, *scene.cwd.parents)
    nested = below[: below.index(scene.workspace.root)]
    if not scene.is_sure or any(os.path.lexists(folder / ".git") for folder in nested):
        raise Unproved("git after cd: another repository may be there.", "shell.git")


def _check_subcommand(name: str, rest: list[Word], scene: Scene) -> None:
    if name in READING:
        check(f"git {name}", READING[name], rest, scene)
    elif name in LISTING:
        given = check(f"git {name}", LISTING[name], rest, scene)
        if given.operands and not given.has(*_LISTS, *(["-l"] if name == "tag" else [])):
            raise Unproved(f"git {name} with a name makes it.", "shell.git")
    elif name in BELOW:
        _check_below(name, rest, scene)
    elif name == "config":
        check("git config", CONFIG, rest, scene)
    else:
        raise Unproved(f"git {name} is not known to only look.", "shell.git")


def _check_below(name: str, rest: list[Word], scene: Scene) -> None:
    below = BELOW[name]
    if rest and rest[0].is_plain and rest[0].value in below:
        check(f"git {name} {rest[0].value}", below[rest[0].value], rest[1:], scene)
        return
    if "" not in below:
        raise Unproved(f"git {name} does more than look.", "shell.git")
    given = check(f"git {name}", below[""], rest, scene)
    if any(not word.value.startswith("HEAD") for word in given.operands):
        raise Unproved(f"git {name} {given.operands[0].value[:40]} is in doubt.", "shell.git")
