"""The door of the hooks' room: what happened, and what the hooks of it say together.

The events and their fields are those of Claude Code's documented protocol, so that hooks written
for it work here, and four of ion's own. Whoever has an occasion asks ``wants`` first, which costs
nothing, and ``run`` only then.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Literal, Protocol, TypeAlias

from msgspec import Struct

from ion_core.messages import Message

EVENTS: Final = (
    "PreToolUse",
    "PostToolUse",
    "PostToolUseFailure",
    "PostToolBatch",
    "PermissionRequest",
    "PermissionDenied",
    "Notification",
    "UserPromptSubmit",
    "UserPromptExpansion",
    "Stop",
    "StopFailure",
    "SubagentStart",
    "SubagentStop",
    "PreCompact",
    "PostCompact",
    "Elicitation",
    "ElicitationResult",
    "TeammateIdle",
    "TaskCreated",
    "TaskCompleted",
    "Setup",
    "InstructionsLoaded",
    "CwdChanged",
    "FileChanged",
    "ConfigChange",
    "WorktreeCreate",
    "WorktreeRemove",
    "SessionStart",
    "SessionEnd",
    "PreModelSwitch",
    "PostModelSwitch",
    "MessageDisplay",
    "DirectoryAdded",
)
"""The names of Claude Code's events."""

OWN: Final = ("BeforeModel", "AfterModel", "BeforeToolSelection", "OnError")
"""ion's own."""


class Scene(Struct, frozen=True, kw_only=True):
    """Where it happened: what every hook is told. ``transcript`` is a file with the conversation
    in the shape of Claude Code's, empty where there is none. ``agent`` is the kind of the subagent
    whose session ``agent_id`` it is, empty in a session of a person's."""

    session: str
    cwd: str
    mode: Literal["read", "plan", "write"]
    effort: str = ""
    transcript: str = ""
    agent_id: str = ""
    agent: str = ""


AskModel: TypeAlias = Callable[[str, Sequence[Message], int], Awaitable[tuple[str, str]]]
"""See ``ion_core.tools.base``."""


class Occasion(Struct, frozen=True, kw_only=True):
    """Something that happened, or is about to. ``matched`` is what matchers are compared with: the
    tool's name, the source of a start, the kind of an agent; ``fields`` are told besides those of
    the scene, by the names that Claude Code has for them. ``gist`` is what an ``if`` may look at: a
    command, a path. ``ask`` asks the session's model, None where there is no session."""

    event: str
    scene: Scene
    matched: str = ""
    fields: dict[str, Any] = {}
    gist: str = ""
    ask: AskModel | None = None


class Verdict(Struct, frozen=True, kw_only=True):
    """What the hooks of an occasion say together, the strictest first.

    ``decision``: "deny" (also a block) wins over "ask", that over "allow"; empty when none said
    anything. ``reason`` is a sentence for the model, or for the person where there is nothing that
    a model could do. ``context`` is for the model, ``messages`` for the person. ``stop`` is why
    nothing may go on, None when it may. ``updated_input`` stands in for a call's arguments,
    ``updated_output`` for its result; ``said`` are the fields of ``hookSpecificOutput``, merged,
    for those that only one event has.
    """

    decision: Literal["", "allow", "ask", "deny"] = ""
    reason: str = ""
    context: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    stop: str | None = None
    updated_input: dict[str, Any] | None = None
    updated_output: Any = None
    said: dict[str, Any] = {}


SILENT: Final = Verdict()


class Hooks(Protocol):
    """The hooks in force."""

    def wants(self, event: str) -> bool:
        """Whether any hook is for an event."""
        ...

    def matchers(self, event: str) -> tuple[str, ...]:
        """The names in the matchers of an event's hooks, each once."""
        ...

    async def run(self, occasion: Occasion) -> Verdict:
        """What the hooks say. Never raises but when cancelled: a hook that fails says so in
        ``messages``, or denies where its ``on_error`` is "deny" (also written "block")."""
        ...
