"""Entries: the nodes of a session's tree.

An entry never changes and is never deleted by the agent. A branch is a path from the root to an
entry; the head is the entry that the next one will follow.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import Struct

from ion_core.ids import EntryId
from ion_core.messages import Image, Message
from ion_core.usage import Usage

Mode: TypeAlias = Literal["read", "plan", "write"]


class ModelChange(Struct, frozen=True, kw_only=True, tag_field="kind", tag="model_change"):
    """From here on, another model (``provider/model``) answers."""

    model: str


class ModeChange(Struct, frozen=True, kw_only=True, tag_field="kind", tag="mode_change"):
    """From here on, another mode holds."""

    mode: Mode


class SystemEvent(Struct, frozen=True, kw_only=True, tag_field="kind", tag="system_event"):
    """Something happened to the session that people should see later too."""

    what: Literal["interrupted", "error", "recovered"]
    text: str


class BranchSummary(Struct, frozen=True, kw_only=True, tag_field="kind", tag="branch_summary"):
    """What was found out on the branch that was left at ``from_tip`` for this one. The id is that
    of the store where it was written: people read it, nothing looks it up."""

    text: str
    from_tip: EntryId | None


class Instructions(Struct, frozen=True, kw_only=True, tag_field="kind", tag="instructions"):
    """What the instruction file ``source`` says. Those directly behind a prompt were there before
    it; later ones were changed, removed (no text) or first touched while the session went on."""

    source: str
    text: str
    change: Literal["loaded", "changed", "removed"] = "loaded"


class Attachment(Struct, frozen=True, kw_only=True, tag_field="kind", tag="attachment"):
    """What a prompt referred to (``@path``, a folder, an address), as it was then."""

    source: str
    text: str
    images: tuple[Image, ...] = ()


class SkillRun(Struct, frozen=True, kw_only=True, tag_field="kind", tag="skill_run"):
    """The person had a skill or a command of their own carried out: what it says, with what was
    given to it filled in. ``allowed`` are tools that it may use without asking and ``disallowed``
    those that it may not, until the person speaks again."""

    name: str
    args: str
    text: str
    source: str
    what: Literal["skill", "command"] = "skill"
    allowed: tuple[str, ...] = ()
    disallowed: tuple[str, ...] = ()


class HookContext(Struct, frozen=True, kw_only=True, tag_field="kind", tag="hook_context"):
    """What hooks of ``event`` had to say to the model."""

    event: str
    text: str


class ToolDefinition(Struct, frozen=True, kw_only=True):
    """A tool that is not ion's own, as a model is told of it."""

    name: str
    description: str
    schema: dict[str, Any]


class Offered(Struct, frozen=True, kw_only=True, tag_field="kind", tag="offered"):
    """From here on models are told of these tools, behind those that they know: word for word the
    same for ever, whatever a server says later."""

    tools: tuple[ToolDefinition, ...]


class Pin(Struct, frozen=True, kw_only=True, tag_field="kind", tag="pin"):
    """Words that no compaction may lose. A model reads them after the next one."""

    text: str


class Stub(Struct, frozen=True, kw_only=True):
    """``text`` stands in the place of a tool's result, ``back`` entries before the prune (1: the
    one directly before it)."""

    back: int
    text: str


class Prune(Struct, frozen=True, kw_only=True, tag_field="kind", tag="prune"):
    """From here on models read stubs in the place of old results. ``tokens_before`` and
    ``tokens_after`` are about how large a request was and is."""

    stubs: tuple[Stub, ...]
    tokens_before: int = 0
    tokens_after: int = 0


CompactionMode: TypeAlias = Literal["suffix", "prepend", "mechanical"]
"""Who summarised: the model behind the request that it had cached, a model that was shown the
conversation as text, or none."""

CompactionReason: TypeAlias = Literal["full", "overflow", "person", "model"]
"""Why: the window filled, the provider said that it was too much, or somebody wanted it."""


class Compaction(Struct, frozen=True, kw_only=True, tag_field="kind", tag="compaction"):
    """From here on models read ``summary`` and ``ledgers`` in the place of what came before, but
    for the ``kept`` entries directly before this one, which stay as they are.

    It counts entries and names none, so that it means the same in a copy of the session. Of the
    kept results, ``stubs`` stand for those that were too long.
    ``number`` is its place among those of its path, from 1; ``edited``: a person changed the
    summary. ``tokens_before`` and ``tokens_after`` are about how large a request was and is.
    """

    number: int
    summary: str
    ledgers: str
    kept: int
    stubs: tuple[Stub, ...] = ()
    mode: CompactionMode
    reason: CompactionReason = "full"
    focus: str = ""
    edited: bool = False
    model: str = ""
    usage: Usage | None = None
    cost_nano: int | None = None
    tokens_before: int = 0
    tokens_after: int = 0


Note: TypeAlias = (
    ModelChange
    | ModeChange
    | SystemEvent
    | BranchSummary
    | Instructions
    | Attachment
    | SkillRun
    | HookContext
    | Offered
    | Pin
    | Prune
    | Compaction
)
"""Everything that an entry can be and a message is not."""

Body: TypeAlias = Message | Note


class Entry(Struct, frozen=True, kw_only=True):
    """A node. ``at`` is in seconds since the epoch; the root's ``parent`` is None."""

    id: EntryId
    parent: EntryId | None
    at: float
    body: Body
