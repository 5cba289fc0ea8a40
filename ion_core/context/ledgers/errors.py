"""What failed, told once for each kind of failure."""

from __future__ import annotations

import re

from msgspec import Struct

from ion_core.context.ledgers.ledger import ErrorFact
from ion_core.entries import Entry
from ion_core.messages import ToolCall, ToolResult

LINE = 240
COMMAND = 120
SHELLS = frozenset({"bash", "shell", "run_shell_command", "local_shell", "exec_command"})

_NAMED = re.compile(
    r"\b(?:\w*(?:Error|Exception|Warning)|error(?:\[\w+\])?|fatal|panic(?:ked)?|FAILED|FAIL|"
    r"Traceback|undefined|cannot|not found|denied)\b"
)
_NOTE = re.compile(r"\[.*\]")
"""A line that ion puts behind an output, such as ``[exit code 1]``."""
_HEAD = re.compile(r"^(?:Traceback|FAILED \(|=+|-+|\d+ failed)")
_PARTS = (
    (re.compile(r"0x[0-9a-fA-F]+|\b[0-9a-f]{7,40}\b"), "H"),
    (re.compile(r"(?:[\w.~-]*/)+[\w.-]*"), "P"),
    (re.compile(r"\d+(?:[.:]\d+)*"), "N"),
    (re.compile(r"\s+"), " "),
)


class _Found(Struct):
    line: str
    count: int
    command: str
    entry: Entry
    resolved: bool = False


class Errors:
    """Gathers failures, and what put them right."""

    def __init__(self) -> None:
        self._found: dict[str, _Found] = {}

    def add(self, entry: Entry, call: ToolCall, result: ToolResult) -> None:
        """Take a call in that was answered."""
        doing = command_of(call)
        if result.status == "ok":
            for found in self._found.values():
                found.resolved = found.resolved or found.command == doing
        elif result.status == "error":
            line = cause(result.content)
            if line:
                key = f"{doing}: {line}" if _NOTE.fullmatch(line) else signature(line)
                self._note(key, line, doing, entry)

    def facts(self) -> tuple[ErrorFact, ...]:
        """What was gathered, the newest last."""
        return tuple(
            ErrorFact(
                line=found.line,
                count=found.count,
                command=found.command[:COMMAND],
                entry=found.entry.id,
                resolved=found.resolved,
            )
            for found in self._found.values()
        )

    def _note(self, key: str, line: str, doing: str, entry: Entry) -> None:
        before = self._found.pop(key, None)
        count = 1 + (before.count if before else 0)
        self._found[key] = _Found(line=line, count=count, command=doing, entry=entry)


def command_of(call: ToolCall) -> str:
    """What a call did, on one line: the command, or the tool and its first argument."""
    first = next((str(value) for value in call.arguments.values()), "")
    words = first if call.name.lower() in SHELLS else f"{call.name} {first}"
    return " ".join(words.split())


def cause(output: str) -> str:
    """The line of an output that says what went wrong: the last that names an error, else the last
    one with anything in it. A note of ion's only where there is no other."""
    notes = [line.strip() for line in output.splitlines()[-400:] if line.strip()]
    lines = [line for line in notes if not _NOTE.fullmatch(line)] or notes[:1]
    named = [line for line in lines if _NAMED.search(line) and not _HEAD.match(line)]
    return (named or lines or [""])[-1][:LINE]


def signature(line: str) -> str:
    """A line without what differs from one failure to the next of its kind."""
    for pattern, sign in _PARTS:
        line = pattern.sub(sign, line)
    return line.lower()
