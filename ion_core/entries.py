"""Entries: the nodes of a session's tree.

An entry never changes and is never deleted by the agent. A branch is a path from the root to an
entry; the head is the entry that the next one will follow.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from ion_core.ids import EntryId
from ion_core.messages import Message

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


Body: TypeAlias = Message | ModelChange | ModeChange | SystemEvent | BranchSummary


class Entry(Struct, frozen=True, kw_only=True):
    """A node. ``at`` is in seconds since the epoch; the root's ``parent`` is None."""

    id: EntryId
    parent: EntryId | None
    at: float
    body: Body
