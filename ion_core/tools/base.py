"""The door of the tools' room.

A tool is a name, a description, a Struct of arguments and one coroutine. It decides nothing about
permission: dispatch validates, asks the policy, gives it a context and settles its result.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol, TypeAlias

from msgspec import Struct, field

from ion_core.asking import Answer, Question
from ion_core.entries import Mode
from ion_core.ids import CallId
from ion_core.messages import Display, Image, Message, Status
from ion_core.tools.jobs import Jobs
from ion_core.tools.paths import Workspace
from ion_core.tools.seen import Seen
from ion_core.tools.sieve import Hides

Ask: TypeAlias = Callable[[Sequence[Question]], Awaitable[tuple[Answer, ...]]]

AskModel: TypeAlias = Callable[[str, Sequence[Message], int], Awaitable[tuple[str, str]]]
"""From a system prompt, messages and the most tokens of the answer to its text and the model's
name. Raises ``IonError``."""

Hear: TypeAlias = Callable[..., Awaitable[Any]]
"""What the hooks of an event say (``hooks.base.Verdict``): its name, what matchers are compared
with, and the fields by their names."""

Effect: TypeAlias = Literal["read", "write", "execute", "network", "ask"]


class Outcome(Struct, frozen=True, kw_only=True):
    """What a tool has to say: ``content`` and ``images`` for the model, ``display`` for people."""

    content: str
    images: tuple[Image, ...] = ()
    display: Display = Display()
    status: Status = "ok"


class ToolContext(Struct, frozen=True, kw_only=True):
    """What a running tool may use.

    ``progress`` shows more output while it runs; ``timeout_s`` is the limit that dispatch
    enforces; ``spill`` is the file for output too long for the model, made with its folders only
    when there is some; ``environment`` are variables that a person named for child processes,
    ``profile`` is what these may touch;
    ``seen`` is what the session knows of files; ``picture`` keeps the bytes of a picture (None:
    pictures cannot be kept) and raises ``IonError`` for what is none. ``ask`` puts questions to the
    person and waits; it answers nothing when they would not say. None: nobody can be asked.
    ``hides`` is about files that a search may find but not tell of.
    ``leave_plan`` goes on in another mode once a plan was approved; None outside of PLAN.
    ``jobs`` run in the background; None: nothing can. ``compact`` asks for a checkpoint with a
    focus and says why there will be none, "" when there will; None: nobody makes any. ``enter``
    begins to carry out a skill: its name, what it may use and may not, and whether nothing else.
    ``ask_model`` asks the session's model something aside, ``hear`` the hooks of an event.
    ``spawner`` starts agents (``task.Spawner``); None: none may be.
    """

    call: CallId
    workspace: Workspace
    progress: Callable[[str], Awaitable[None]]
    spill: Path
    timeout_s: float = 0.0
    environment: dict[str, str] = {}
    profile: Literal["read", "write"] = "write"
    seen: Seen = field(default_factory=Seen)
    picture: Callable[[bytes], Image] | None = None
    ask: Ask | None = None
    hides: Hides | None = None
    leave_plan: Callable[[Mode], Awaitable[None]] | None = None
    jobs: Jobs | None = None
    compact: Callable[[str], str] | None = None
    enter: Callable[[str, Sequence[str], Sequence[str], bool], None] | None = None
    spawner: Any = None
    ask_model: AskModel | None = None
    hear: Hear | None = None


def failed(sentence: str, target: str = "") -> Outcome:
    """An expected failure: the sentence is for the model and for people."""
    summary = sentence.partition("\n")[0][:200]
    return Outcome(
        content=sentence, display=Display(target=target, summary=summary), status="error"
    )


def reason(error: Exception) -> str:
    """What went wrong, in words a model can act on."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'The file'}: {error.strerror}."
    return str(error)


class Tool(Protocol):
    """One tool. Expected failures are outcomes with status ``error``, never exceptions."""

    name: str
    description: str
    args: type[Struct]
    effect: Effect

    def target(self, args: Any) -> str:
        """What the call touches, for people and for ordering: a path, a command, a pattern."""
        ...

    def timeout_s(self, args: Any) -> float:
        """Seconds after which dispatch cancels the call."""
        ...

    async def run(self, args: Any, ctx: ToolContext) -> Outcome: ...
