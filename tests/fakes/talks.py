"""Conversations to compact: paths of entries with any number of turns, and a model that sums up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ion_core.compaction.base import Said, Task
from ion_core.compaction.ceilings import ceilings
from ion_core.compaction.sizes import size
from ion_core.compaction.summary import HEADINGS
from ion_core.context.projector import project
from ion_core.context.reading import reading
from ion_core.entries import Body, Entry
from ion_core.ids import CallId, entry_id
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user
from ion_core.providers.base import ModelInfo, Request
from ion_core.usage import Usage

MODEL = ModelInfo(provider="mock", id="m", window=32_000)
GOOD = "\n\n".join(f"## {name}\n- (none)" for name in HEADINGS)


def path(*bodies: Body) -> list[Entry]:
    """Entries that follow one another, a second apart."""
    ids = [entry_id(row) for row in range(1, len(bodies) + 1)]
    return [
        Entry(id=id_, parent=parent, at=1_764_000_000.0 + n, body=body)
        for n, (id_, parent, body) in enumerate(zip(ids, [None, *ids], bodies, strict=False))
    ]


def call(id: str, name: str = "read", **arguments: object) -> Message:
    """An answer with one call."""
    wish = ToolCall(id=CallId(id), name=name, arguments=dict(arguments))
    return Message(role="assistant", parts=(wish,), stop="tool_use")


def result(id: str, content: str, name: str = "read") -> Message:
    return answered(ToolResult(call=CallId(id), name=name, status="ok", content=content))


def answer(text: str) -> Message:
    return Message(role="assistant", parts=(Text(text=text),), stop="end_turn")


def turns(number: int, words: int = 200, *, calls: int = 2) -> list[Body]:
    """So many prompts, each with calls, long results and an answer."""
    bodies: list[Body] = []
    for turn in range(number):
        bodies.append(user(f"request {turn}"))
        for nth in range(calls):
            id_ = f"c{turn}.{nth}"
            bodies += [call(id_, path=f"src/{turn}.py"), result(id_, f"line {turn} " * words)]
        bodies.append(answer(f"Done with {turn}. " + "word " * 20))
    return bodies


def task(
    entries: Sequence[Entry], *, window: int = 32_000, tokens: int = 0, **known: object
) -> Task:
    """A task to compact ``entries`` for a model with such a window."""
    request = project(entries, system="You are ion.", tools=(), model=MODEL)
    about = tokens or sum(size(message) for message in reading(entries))
    fields: dict[str, object] = {
        "entries": entries,
        "request": request,
        "tokens": about,
        "ceilings": ceilings(window),
        "ledgers": lambda kept: "## Messages\n> request",
        "keep": 4_000,
        "window": window,
    }
    return Task(**{**fields, **known})  # type: ignore[arg-type]


class Teller:
    """A model that gives these answers (the last one for ever) and remembers what it was asked."""

    def __init__(self, *answers: Message | Exception | str) -> None:
        self._answers = list(answers)
        self.asked: list[Request] = []

    async def __call__(self, request: Request) -> Said:
        self.asked.append(request)
        given = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(given, Exception):
            raise given
        message = answer(given) if isinstance(given, str) else given
        return Said(message=message, model="mock/m", usage=Usage(input=100, output=50), cost_nano=7)


Ask = Callable[[Request], object]
