"""Facts planted in a conversation, to be looked for after its compactions.

A fact has a topic, by which one would ask for it, and a value that occurs nowhere else.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Literal

from ion_core.entries import Body
from ion_core.ids import CallId
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user

Kind = Literal[
    "constraint",
    "correction",
    "decision",
    "failed",
    "error",
    "modified",
    "read",
    "command",
    "value",
    "todo",
    "next",
]
KINDS: tuple[Kind, ...] = Kind.__args__  # type: ignore[attr-defined]

LOSSY: dict[Kind, float] = {
    "constraint": 0.75,
    "correction": 0.75,
    "decision": 0.75,
    "modified": 0.65,
    "next": 0.65,
    "todo": 0.65,
    "failed": 0.55,
    "error": 0.55,
    "command": 0.55,
    "read": 0.35,
    "value": 0.30,
}
"""How likely a summariser copies a fact that it is shown. Assumptions, and the same for all."""
CARRIED = 0.90
"""How likely a fact of a summary is in the one after it."""
FILLER = 3_000
"""Characters before and behind a value in the middle of a tool's output."""


@dataclass(frozen=True)
class Fact:
    kind: Kind
    topic: str
    value: str
    old: str = ""
    """What a correction corrects."""

    @property
    def line(self) -> str:
        """How a summary would say it."""
        return f"{self.topic}: {self.value}"


class Planter:
    """Makes facts, a seeded kind after the other, and the messages that tell them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = 0
        self.facts: list[Fact] = []

    def _word(self, letters: int = 6) -> str:
        return "".join(self._random.choice("bcdfghjklmnpqrstvwxz") for _ in range(letters))

    def plant(self, kind: Kind) -> list[Body]:
        """One more fact of a kind, as messages that fit behind an answer."""
        self._number += 1
        fact = Fact(kind, f"{self._word()}{self._number}", f"{self._word(9)}", self._word(9))
        self.facts.append(fact)
        return getattr(self, f"_{kind}")(fact)  # type: ignore[no-any-return]

    def _one_of(self, plain: str, other: str) -> str:
        """Half of what is said has none of the words by which ledgers know such sentences."""
        return self._random.choice((plain, other))

    def _id(self) -> str:
        return f"f{self._number}"

    def _call(self, tool: str, output: str, ok: bool = True, **args: object) -> list[Body]:
        call = ToolCall(id=CallId(self._id()), name=tool, arguments=dict(args))
        result = ToolResult(call=call.id, name=tool, status="ok" if ok else "error", content=output)
        return [Message(role="assistant", parts=(call,), stop="tool_use"), answered(result)]

    def _constraint(self, fact: Fact) -> list[Body]:
        plain = f"From now on: {fact.topic} must stay {fact.value}."
        other = f"The customer wants {fact.topic} at {fact.value} the whole time."
        return [user(self._one_of(plain, other)), _said("Understood.")]

    def _correction(self, fact: Fact) -> list[Body]:
        old = [user(f"The {fact.topic} is {fact.old}."), _said(f"So {fact.topic} is {fact.old}.")]
        new = f"No, I was wrong: the {fact.topic} is {fact.value}, not what I said."
        return [*old, user(new), _said("Corrected.")]

    def _decision(self, fact: Fact) -> list[Body]:
        plain = f"I decide that {fact.topic} uses {fact.value}, since it is simpler."
        other = f"For {fact.topic} it will be {fact.value}; that is simpler."
        return [_said(self._one_of(plain, other))]

    def _failed(self, fact: Fact) -> list[Body]:
        plain = f"Doing {fact.topic} by {fact.value} failed: it cannot nest."
        other = f"{fact.topic} by {fact.value} is no good, nesting is out of its reach."
        return [_said(self._one_of(plain, other))]

    def _error(self, fact: Fact) -> list[Body]:
        output = f"collected 3 items\n{fact.topic}Error: {fact.value} is no token\n1 failed"
        return self._call("bash", output, ok=False, command=f"run {self._word()}")

    def _modified(self, fact: Fact) -> list[Body]:
        edits = [{"old_string": "a", "new_string": "b"}]
        return self._call("edit", "edited", path=f"src/{fact.topic}/{fact.value}.py", edits=edits)

    def _read(self, fact: Fact) -> list[Body]:
        path = f"lib/{fact.topic}/{fact.value}.py"
        return self._call("read", self._prose(3_000), path=path)

    def _command(self, fact: Fact) -> list[Body]:
        return self._call("bash", "ok", command=f"make {fact.topic} TARGET={fact.value}")

    def _value(self, fact: Fact) -> list[Body]:
        middle = f"\n{fact.topic} = {fact.value}\n"
        output = self._prose(FILLER) + middle + self._prose(FILLER)
        return self._call("bash", output, command=f"cat conf/{self._word()}")

    def _todo(self, fact: Fact) -> list[Body]:
        items = [{"text": f"{fact.topic} {fact.value}", "status": "pending"}]
        return self._call("todo", f"☐ {fact.topic} {fact.value}", items=items)

    def _next(self, fact: Fact) -> list[Body]:
        return [_said(f"The next step is {fact.topic} with {fact.value}.")]

    def _prose(self, characters: int) -> str:
        words: list[str] = []
        while characters > 0:
            words.append(self._word(self._random.randint(2, 9)))
            characters -= len(words[-1]) + 1
        return " ".join(words)

    def work(self) -> list[Body]:
        """A turn in which nothing is planted: a prompt, reads and commands, an answer."""
        self._number += 1
        bodies: list[Body] = [user(f"Go on with {self._word()}: {self._prose(120)}")]
        for nth in range(self._random.randint(2, 6)):
            self._number += 1
            size = self._random.choice((400, 1_500, 6_000, 12_000))
            tool, key = ("read", "path") if nth % 2 else ("bash", "command")
            bodies += self._call(tool, self._prose(size), **{key: f"work/{self._word()}"})
        return [*bodies, _said(self._prose(500))]


def _said(text: str) -> Message:
    return Message(role="assistant", parts=(Text(text=text),), stop="end_turn")


def living(facts: list[Fact]) -> list[Fact]:
    """Those that still hold: only the newest todo list and next step do."""
    last = {fact.kind: fact for fact in facts}
    return [f for f in facts if f.kind not in ("todo", "next") or f is last[f.kind]]
