"""The session that is killed: every kind of tool, and what each call leaves in the folder.

Each command adds a word of its own to one file, and each change to a file is known before, so that
afterwards the folder itself says what was done, and how often.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

ROUNDS = 2
TOKENS = "tokens.txt"
DELAY_S = 0.002
GOING_ON = "Going on."


class Change(NamedTuple):
    """What a call makes of a file; None where it is not there."""

    call: str
    path: str
    before: str | None
    after: str | None


class Play(NamedTuple):
    """The steps of a script, the calls that run a command, and the changes, in their order."""

    steps: list[dict[str, Any]]
    commands: list[str]
    changes: list[Change]

    @property
    def text(self) -> str:
        """The script file."""
        return json.dumps(self.steps)


def going_on() -> str:
    """The script of whoever opens the session again."""
    return json.dumps([{"text": GOING_ON}])


def a_play(rounds: int = ROUNDS) -> Play:
    """The whole of it."""
    play = Play([], [], [])
    for number in range(rounds):
        _round(play, f"r{number}")
    play.steps.append({"text": "All of it is done. " * 8, "delay_s": DELAY_S})
    return play


def _round(play: Play, name: str) -> None:
    a, b, c, d = (f"{name}{letter}.txt" for letter in "abcd")

    def call(id: str, tool: str, **arguments: Any) -> dict[str, Any]:
        return {"id": f"{name}_{id}", "name": tool, "arguments": arguments}

    def command(id: str, more: str = "", **others: Any) -> dict[str, Any]:
        play.commands.append(f"{name}_{id}")
        return call(id, "bash", command=f"echo {name}_{id} >> {TOKENS}{more}", **others)

    def change(made: dict[str, Any], *files: tuple[str, str | None, str | None]) -> dict[str, Any]:
        play.changes.extend(Change(made["id"], *file) for file in files)
        return made

    def write(id: str, path: str, content: str) -> dict[str, Any]:
        return change(call(id, "write", path=path, content=content), (path, None, content))

    def edit(id: str, path: str, old: str, new: str) -> dict[str, Any]:
        edits = [{"old_string": old, "new_string": new}]
        return change(call(id, "edit", path=path, edits=edits), (path, old, new))

    patch = (
        f"*** Begin Patch\n*** Add File: {b}\n+bee\n*** Update File: {a}\n@@\n-three\n+four\n"
        "*** End Patch"
    )
    question = {"header": "Way", "question": "Which way?", "options": []}
    question["options"] = [{"label": "Left"}, {"label": "Right"}]
    answers = [
        [write("w1", a, "one\n"), call("l", "list")],
        [call("r", "read", path=a), call("g", "glob", pattern="*.txt")],
        [call("q", "grep", pattern="one"), command("b1")],
        [edit("e1", a, "one\n", "two\n"), edit("e2", a, "two\n", "three\n")],
        [
            change(
                call("p", "apply_patch", patch=patch),
                (b, None, "bee\n"),
                (a, "three\n", "four\n"),
            )
        ],
        [call("t", "todo", items=[{"text": "go on", "status": "in_progress"}])],
        [command("b2", f"; sleep 0.05; echo {name}_end >> ends.txt", background=True)],
        [call("j", "job", action="list"), call("f", "web_fetch", url="http://127.0.0.1:9/")],
        [call("a", "ask", questions=[question]), call("x", "exit_plan", path="plan.md")],
        [call("s", "tool_search", query="web"), call("h", "recall", query="one")],
        [write("w2", c, "sea\n"), command("b3", "; sleep 0.02"), write("w3", d, "dee\n")],
    ]
    for index, calls in enumerate(answers):
        step = {"text": f"{name}, step {index}.", "calls": calls, "delay_s": DELAY_S}
        play.steps.append(step)
