"""What a session that is opened again knows of its agents: how each ended, and what all used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from ion_core.agent_reports import Report, reports
from ion_core.entries import Entry
from ion_core.ids import SessionId
from ion_core.sessions.base import SessionInfo
from ion_core.subagent_events import SubagentEnded, SubagentStarted, SubagentStatus
from ion_core.underway import Child

_STATUS: Final[dict[str, SubagentStatus]] = {
    "done": "done",
    "partial": "partial",
    "failed": "failed",
    "stopped": "stopped",
    "budget": "budget",
    "waiting": "waiting",
}


def with_agents(info: SessionInfo, agents: Sequence[SessionInfo]) -> SessionInfo:
    """``info`` with what its agents used, and theirs."""
    usage, cost_nano, known = info.usage, info.cost_nano, info.cost_known
    for agent in agents:
        usage += agent.usage
        cost_nano += agent.cost_nano
        known = known and agent.cost_known
    return replace(info, usage=usage, cost_nano=cost_nano, cost_known=known)


def children(
    info: SessionInfo, path: Sequence[Entry], agents: Sequence[SessionInfo]
) -> dict[SessionId, Child]:
    """The agents of a session as its view has them; none of them works now."""
    own = [agent for agent in agents if agent.parent == info.id]
    said = reports(path) if own else {}
    return {agent.id: _child(agent, said.get(agent.id)) for agent in own}


def _child(agent: SessionInfo, said: Report | None) -> Child:
    report = said or Report(agent=agent.description, status="indeterminate")
    return Child(
        begun=SubagentStarted(
            child=agent.id,
            call=report.call,
            agent=report.agent,
            description=agent.title,
            model=agent.model,
        ),
        at=agent.created_at,
        ended=SubagentEnded(
            child=agent.id,
            status=_STATUS.get(report.status, "indeterminate"),
            turns=report.turns,
            usage=agent.usage,
            cost_nano=agent.cost_nano if agent.cost_known else None,
            duration_ms=round((agent.updated_at - agent.created_at) * 1000),
        ),
    )
