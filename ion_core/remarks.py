"""What an entry that is no message says to people: exports, listings and the index all ask here."""

from __future__ import annotations

from typing import assert_never

from ion_core.entries import (
    Attachment,
    BranchSummary,
    Compaction,
    HookContext,
    Instructions,
    ModeChange,
    ModelChange,
    Note,
    Offered,
    Pin,
    Prune,
    SkillRun,
    SystemEvent,
)


def remark(note: Note) -> str:
    """A sentence or a few words, on one line unless a person or a model wrote more."""
    match note:
        case ModelChange():
            return f"Model: {note.model}"
        case ModeChange():
            return f"Mode: {note.mode.upper()}"
        case SystemEvent():
            return note.text
        case BranchSummary():
            lines = (line.lstrip("-* ") for line in note.text.splitlines())
            said = next((line for line in lines if line and not line.startswith("#")), "")
            return f"A branch was left, and summed up: {said}"
        case Instructions():
            words = {"loaded": "Instructions", "changed": "Instructions changed"}
            return f"{words.get(note.change, 'Instructions removed')}: {note.source}"
        case Attachment():
            return f"Attached: {note.source}"
        case SkillRun():
            return f"{note.what.capitalize()}: {note.name} {note.args}".rstrip()
        case HookContext():
            return f"From hooks of {note.event}"
        case Offered():
            return f"Tools: {', '.join(tool.name for tool in note.tools)}"
        case Pin():
            return f"Pinned: {note.text}"
        case Prune():
            return f"{len(note.stubs)} old results put away{_sizes(note)}"
        case Compaction():
            by = f", by {note.model}" if note.model else ""
            return f"Compacted{_sizes(note)}{by}"
        case _:
            assert_never(note)


def detail(note: Note) -> str:
    """The long text behind the remark, if it has one: what a model reads in its place."""
    match note:
        case Instructions() | Attachment() | SkillRun() | HookContext():
            return note.text
        case Compaction():
            return "\n\n".join(part for part in (note.summary, note.ledgers) if part)
        case _:
            return ""


def _sizes(note: Prune | Compaction) -> str:
    if not note.tokens_before:
        return ""
    return f": {note.tokens_before:,} → {note.tokens_after:,} tokens"
