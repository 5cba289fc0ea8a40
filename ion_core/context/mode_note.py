"""What a model is told of PLAN mode: a note behind the prompt that it holds for.

The note is a function of the path, so that a prompt that was sent once is sent the same again and
provider caches hit; the system prompt and the tools never say the mode.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from ion_core.entries import Entry, Mode, ModeChange
from ion_core.messages import Message, Text

PLANNING = (
    "\n\n[The session is in PLAN mode. Change nothing yet. Look at all that matters, ask what only "
    "the person can decide, and write a plan that somebody else could carry out: what changes in "
    "which files, in which order, how it is checked, and what is left open. write and edit work on "
    "one file alone, {plan}. When it is complete, call exit_plan with its path (tool_search gives "
    "the tool); the person approves the plan or says what to change.]"
)
OVER = "\n\n[PLAN mode is over: the session is in {mode} mode now.]"


def planning(entries: Iterable[Entry]) -> bool:
    """Whether the path says that the session is in PLAN mode at its end."""
    modes = [entry.body.mode for entry in entries if isinstance(entry.body, ModeChange)]
    return modes[-1:] == ["plan"]


def noted(entries: Sequence[Entry]) -> Iterator[tuple[int, Message]]:
    """The messages of a path, each with the index of its entry. The first prompt in PLAN carries
    the note, and the first after it says that it is over. A change of mode right behind a prompt
    holds for it."""
    mode: Mode | None = None
    told = False
    for index, entry in enumerate(entries):
        body = entry.body
        if isinstance(body, ModeChange):
            mode = body.mode
        if not isinstance(body, Message):
            continue
        if body.role == "user":
            mode = _at_once(entries, index) or mode
        if body.role == "user" and (mode == "plan") is not told:
            body, told = _with_note(entry, body, mode), not told
        yield index, body


def _at_once(entries: Sequence[Entry], index: int) -> Mode | None:
    """The mode that came right behind a prompt."""
    following = entries[index + 1].body if index + 1 < len(entries) else None
    return following.mode if isinstance(following, ModeChange) else None


def _with_note(entry: Entry, prompt: Message, mode: Mode | None) -> Message:
    note = OVER.format(mode=(mode or "write").upper())
    if mode == "plan":
        # By the time and not the id: a session that moves to another home has other ids there.
        made = time.strftime("%Y%m%d-%H%M%S", time.gmtime(entry.at))
        from ion_core.tools.plan_file import plan_name  # start-up: few sessions plan

        note = PLANNING.format(plan=plan_name(prompt.text, made))
    return replace(prompt, parts=(*prompt.parts, Text(text=note)))
