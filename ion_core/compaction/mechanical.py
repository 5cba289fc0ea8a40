"""The summary that needs no model: what the answers said in their first lines, newest kept.

It always succeeds, without a network and at no cost; the ledgers beside it carry the rest.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ion_core.compaction.sizes import tokens_of
from ion_core.entries import Entry
from ion_core.messages import Message

LINE = 240
INTRODUCTION = "No model summarised what came before; these are the first lines of its answers."
PRIOR_SHARE = 0.5
"""Of the room, for the summary before."""


def mechanical(entries: Sequence[Entry], *, most: int, prior: str = "") -> str:
    """A summary of about ``most`` tokens of the entries that are replaced; ``prior`` is the one of
    the checkpoint before."""
    prior, said_before = _apart(prior)
    prior = _cut(prior, int(most * PRIOR_SHARE))
    left = most - tokens_of(prior) - tokens_of(INTRODUCTION) - 20
    lines: list[str] = []
    for entry in reversed(entries):
        line = _line(entry)
        left -= tokens_of(line)
        if left < 0:
            break
        if line:
            lines.append(line)
    for line in reversed(said_before):
        left -= tokens_of(line)
        if left < 0:
            break
        lines.append(line)
    said = "\n".join(reversed(lines)) or "(none)"
    state = f"## Current state\n{INTRODUCTION}\n{said}"
    return f"{prior}\n\n{state}" if prior else state


def _apart(prior: str) -> tuple[str, list[str]]:
    """A summary without what earlier ones without a model said, and the lines of those."""
    kept, *parts = re.split(rf"^## Current state\n{re.escape(INTRODUCTION)}$", prior, flags=re.M)
    lines = [line for part in parts for line in part.splitlines()]
    return kept.strip(), [line for line in lines if line.startswith("- ")]


def _line(entry: Entry) -> str:
    body = entry.body
    if not isinstance(body, Message) or body.role != "assistant" or not body.text.strip():
        return ""
    line = " ".join(body.text.strip().splitlines()[0].split()).lstrip("#>-* ")
    return f"- {line[:LINE]} [{entry.id}]" if line else ""


def _cut(text: str, most: int) -> str:
    if tokens_of(text) <= most:
        return text
    return text[: max(0, int(most * 3))].rstrip() + "\n[cut]"
