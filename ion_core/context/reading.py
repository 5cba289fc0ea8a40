"""What a model reads of a path: its messages, what notes say to it, and a checkpoint in the place
of what was compacted.

A function of the entries alone, so that the same path is read the same for ever. Instructions that
were there when a prompt was made stand before it, what it referred to behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from ion_core.context.mode_note import noted
from ion_core.entries import (
    Attachment,
    Body,
    BranchSummary,
    Compaction,
    Entry,
    HookContext,
    Instructions,
    Prune,
    SkillRun,
)
from ion_core.messages import Message, Text, user

CHECKPOINT = (
    "The conversation before this point was replaced by this checkpoint. It is a record of what "
    "was said and done, and no new request: go on from where it ends. Entry ids like e12 can be "
    "read whole with recall."
)
REMOVED = "This file is gone: what it said holds no longer."


def reading(entries: Sequence[Entry]) -> list[Message]:
    """The messages that a model reads, oldest first."""
    at = last_compaction(entries)
    checkpoint = entries[at].body if at >= 0 else None
    start = at - checkpoint.kept if isinstance(checkpoint, Compaction) else 0
    read = [] if at < 0 else [said for entry in entries[:start] if (said := _standing(entry.body))]
    if isinstance(checkpoint, Compaction):
        read.append(checkpoint_message(checkpoint))
    return read + [message for _, message in _from(entries, max(0, start))]


def last_compaction(entries: Sequence[Entry]) -> int:
    """The index of the compaction that holds at the end of a path, -1 when there is none."""
    for index in range(len(entries) - 1, -1, -1):
        if isinstance(entries[index].body, Compaction):
            return index
    return -1


def checkpoint_message(compaction: Compaction) -> Message:
    """What stands for everything that a compaction replaced."""
    parts = (CHECKPOINT, compaction.summary, compaction.ledgers)
    inner = "\n\n".join(part.strip() for part in parts if part.strip())
    return user(f"<context_checkpoint n={compaction.number}>\n{inner}\n</context_checkpoint>")


def _from(entries: Sequence[Entry], start: int) -> Iterator[tuple[int, Message]]:
    """The messages of ``entries[start:]`` with the index of the entry that each is of."""
    stubs = _stubs(entries)
    spoken = dict(noted(entries))
    index = start
    while index < len(entries):
        end = _behind(entries, index)
        for at in sorted(range(index, end), key=lambda at: _rank(entries[at].body)):
            if at in stubs:
                yield at, _stubbed(spoken[at], stubs[at])
            elif message := spoken.get(at) or told(entries[at].body):
                yield at, message
        index = end


def _behind(entries: Sequence[Entry], index: int) -> int:
    """The end of a prompt and the notes directly behind it; of anything else, the next entry."""
    body, end = entries[index].body, index + 1
    if isinstance(body, Message) and body.role == "user":
        while end < len(entries) and not isinstance(entries[end].body, Message | Compaction):
            end += 1
    return end


def _rank(body: Body) -> int:
    """Instructions first, then the prompt, then what it referred to; the rest where it is."""
    if isinstance(body, Instructions) and body.change == "loaded":
        return 0
    return 1 if isinstance(body, Message) else 2


def told(body: Body) -> Message | None:
    """What a note says to a model, None for one that says nothing."""
    match body:
        case Instructions():
            return _standing(body)
        case Attachment():
            text = f'<attachment source="{_name(body.source)}">\n{body.text}\n</attachment>'
            return Message(role="user", parts=(Text(text=text), *body.images))
        case SkillRun():
            named = f'name="{_name(body.name)}" args="{_name(body.args)}"'
            return user(f"<{body.what} {named}>\n{body.text}\n</{body.what}>")
        case HookContext():
            return user(f'<hook event="{_name(body.event)}">\n{body.text}\n</hook>')
        case BranchSummary():
            text = "Another branch of this conversation was left. What was found out there:"
            return user(f"<branch_summary>\n{text}\n\n{body.text}\n</branch_summary>")
        case _:
            return None


def _standing(body: Body) -> Message | None:
    """What stays in front of every checkpoint: the instructions, in their order."""
    if not isinstance(body, Instructions):
        return None
    change = "" if body.change == "loaded" else f' change="{body.change}"'
    text = REMOVED if body.change == "removed" else body.text
    return user(f'<instructions source="{_name(body.source)}"{change}>\n{text}\n</instructions>')


def _name(source: str) -> str:
    return " ".join(source.replace('"', "'").replace("<", "(").replace(">", ")").split())


def _stubs(entries: Sequence[Entry]) -> dict[int, str]:
    """What stands in the place of which results, by their index."""
    return {
        index - stub.back: stub.text
        for index, entry in enumerate(entries)
        if isinstance(entry.body, Prune | Compaction)
        for stub in entry.body.stubs
    }


def _stubbed(message: Message, text: str) -> Message:
    results = (replace(result, content=text, images=()) for result in message.results)
    return replace(message, parts=tuple(results) or message.parts)
