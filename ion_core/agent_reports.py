"""The words in which a session hears of agents that it started, and what they say of each.

They are all that a path keeps of them; what an agent did stands in its own session.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from ion_core.entries import Entry
from ion_core.ids import CallId, SessionId
from ion_core.messages import Message

AGENT = "[Agent "
"""What a message begins with that says that an agent of the background is done."""
STARTERS = ("task", "skill")
"""Tools whose calls may start an agent."""
REPORTS = ("[Job ", AGENT)
"""How messages begin that report on jobs and agents, and that nobody said."""

_OVER = r"\[[Aa]gent (\S+) (\S+): (\w+)\]"
_ASIDE = r"Agent (\S+) \((\S+)\) is still running in the background\."
_REQUESTS = r"(?m)^\((\d+) requests?,"


class Report(Struct, frozen=True, kw_only=True):
    """What a path says last of an agent, and the call that started it (empty: not known).
    ``status`` is "running" of one in the background whose end is not told."""

    agent: str
    status: str
    call: CallId = CallId("")
    turns: int = 0


def over(session: str, agent: str, status: str) -> str:
    """How a report of an agent begins that is done."""
    return f"[agent {session} {agent}: {status}]"


def aside(session: str, agent: str) -> str:
    """What is said at once of an agent in the background."""
    return (
        f"Agent {session} ({agent}) is still running in the background. You are told when it is "
        "done; task_control looks after it."
    )


def lost(session: str, agent: str) -> str:
    """What is said of an agent that was at work when ion ended."""
    return (
        f"{over(session, agent, 'indeterminate')}\nion ended while it worked. What it did is done; "
        f"everything is in session {session}, and task with resume={session} goes on with it."
    )


def to_inbox(report: str) -> str:
    """A report as a message of its own."""
    head, _, rest = report.partition("\n")
    return f"{AGENT}{head.strip('[]').removeprefix('agent ')}]\n{rest}"


def reports(path: Iterable[Entry]) -> dict[SessionId, Report]:
    """What a path says last of each agent, in the order in which they were started."""
    found: dict[SessionId, Report] = {}
    for entry in path:
        body = entry.body
        if not isinstance(body, Message):
            continue
        if body.role == "user" and body.text.startswith(AGENT):
            _hear(found, body.text, CallId(""))
        for result in body.results:
            if result.name in STARTERS:
                _hear(found, result.content, result.call)
    return found


def _hear(found: dict[SessionId, Report], text: str, call: CallId) -> None:
    if (ended := re.match(_OVER, text)) is not None:
        session, agent, status = ended.groups()
    elif (begun := re.match(_ASIDE, text)) is not None:
        session, agent, status = *begun.groups(), "running"
    else:
        return
    id_ = SessionId(session)
    before = found.get(id_)
    turns = re.search(_REQUESTS, text)
    found[id_] = Report(
        agent=agent,
        status=status,
        call=call or (before.call if before is not None else call),
        turns=int(turns[1]) if turns else 0,
    )
