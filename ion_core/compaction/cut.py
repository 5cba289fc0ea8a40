"""Where a conversation is cut: what stays word for word behind the checkpoint.

A cut stands before a prompt or before an answer whose results all follow, never between a call and
its result. A turn that is too long for what may stay is cut inside; its prompt is in the ledgers.
"""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.compaction.sizes import size
from ion_core.context.reading import last_compaction, told
from ion_core.entries import Compaction, Entry
from ion_core.messages import Message


def cut(entries: Sequence[Entry], *, keep: int, most: int) -> int:
    """How many of the last entries stay: about ``keep`` tokens of them. The newest step stays up to
    ``most`` tokens, and a prompt that nobody has answered yet always does."""
    first = covered_from(entries)
    weight, kept = 0, 0
    for index in range(len(entries) - 1, first - 1, -1):
        body = entries[index].body
        message = body if isinstance(body, Message) else told(body)
        weight += size(message) if message is not None else 0
        if kept and weight > keep:
            break
        if not _begins(body):
            continue
        if weight <= (keep if kept else most) or _is_unanswered(entries, index):
            kept = len(entries) - index
        else:
            break
    return kept


def covered_from(entries: Sequence[Entry]) -> int:
    """The index of the first entry that a model still reads as it is."""
    at = last_compaction(entries)
    body = entries[at].body if at >= 0 else None
    return max(0, at - body.kept) if isinstance(body, Compaction) else 0


def covered(entries: Sequence[Entry], kept: int) -> Sequence[Entry]:
    """What a compaction that keeps so many entries would replace, of what is still read."""
    return entries[covered_from(entries) : len(entries) - kept]


def _begins(body: object) -> bool:
    return isinstance(body, Message) and body.role != "tool"


def _is_unanswered(entries: Sequence[Entry], index: int) -> bool:
    """Whether nothing but notes follows a prompt."""
    body = entries[index].body
    if not isinstance(body, Message) or body.role != "user":
        return False
    return not any(
        isinstance(entry.body, Message) and entry.body.role != "user"
        for entry in entries[index + 1 :]
    )
