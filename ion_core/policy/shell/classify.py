"""Whether a command line is proved harmless: read, judge every command, or ask (rules C1 to C8).

The order is the whole of it: the text, its parts, then each command where it would run. Nothing
here answers yes by falling through, and whatever goes wrong asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from ion_core.policy.base import Judgement, Unproved, allow, ask
from ion_core.policy.shell.commands import check_command, check_surroundings
from ion_core.policy.shell.parse import Command, Pipeline, parse
from ion_core.policy.shell.scene import Scene
from ion_core.policy.shell.wrappers import WRAPPERS, check_wrapper, check_xargs

PROVED = "Every command only reads what is in the workspace."
EXCUSED = "What is not proved harmless is allowed by a rule of the settings."
_LEAST = {name: 1 if name == "time" else 2 for name in WRAPPERS}


Excuse: TypeAlias = Callable[[Command], bool]
"""Whether the person has allowed a command, so that it needs no proof."""


def classify(command: str, scene: Scene, excused: Excuse = lambda _: False) -> Judgement:
    """``allow`` for a command line that is proved harmless, or allowed by the person where it is
    not; else ``ask``. Never raises."""
    left: list[Command] = []

    def leave(unproved: Command) -> bool:
        if excused(unproved):
            left.append(unproved)
            return True
        return False

    try:
        check(parse(command), scene, leave)
    except Unproved as doubt:
        return ask(str(doubt), doubt.rule)
    except Exception as error:  # whatever was not thought of is not harmless
        return ask(f"The command could not be judged ({type(error).__name__}).", "shell.error")
    return allow(EXCUSED, "permissions.allow") if left else allow(PROVED, "shell.proved")


def check(pipelines: Sequence[Pipeline], scene: Scene, excused: Excuse) -> None:
    """Raises ``Unproved`` unless every command is proved harmless."""
    begins = True
    for pipeline in pipelines:
        folder = folder_of(pipeline)
        if folder is not None:
            if not begins:  # it may not be reached, and then what follows runs elsewhere
                raise Unproved("cd comes after other commands.", "shell.cd")
            scene = scene.moved(folder)
            continue
        begins = False
        for at, command in enumerate(pipeline.commands):
            try:
                _check_one(command, pipeline.commands[:at], scene)
            except Unproved:
                if not excused(command):
                    raise
                check_surroundings(command, scene)


def _check_one(command: Command, before: Sequence[Command], scene: Scene) -> None:
    name = command.words[0].raw if command.words else ""
    if name == "xargs":
        check_xargs(command, before, scene)
    elif name in WRAPPERS and not command.assignments and len(command.words) > _LEAST[name]:
        check_surroundings(command, scene)
        check_wrapper(command.words, scene)
    else:
        check_command(command, scene)


def folder_of(pipeline: Pipeline) -> str | None:
    """Where ``cd`` goes, when the pipeline is that and nothing else. Raises ``Unproved`` for a
    ``cd`` in any other form."""
    command = pipeline.commands[0]
    words = command.words
    if not words or words[0].raw != "cd" or len(pipeline.commands) > 1:
        return None
    is_plain = len(words) == 2 and words[1].is_plain and not command.inputs
    if not is_plain or command.assignments or words[1].value[:1] in ("", "-"):
        raise Unproved("cd is not in its plainest form.", "shell.cd")
    return words[1].value
