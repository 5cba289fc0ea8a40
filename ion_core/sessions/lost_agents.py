"""What is said of the agents of a session that were at work when ion ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ion_core.agent_reports import STARTERS, lost, reports, to_inbox
from ion_core.entries import Entry
from ion_core.ids import CallId
from ion_core.messages import Display, ToolCall, ToolResult
from ion_core.sessions.base import SessionInfo


def lost_agents(
    path: Sequence[Entry], orphans: Sequence[ToolCall], agents: Sequence[SessionInfo]
) -> tuple[Mapping[CallId, ToolResult], list[str]]:
    """The results of those of ``orphans`` (calls that nothing answers) that started one of
    ``agents``; and a message for each agent of the background whose end ``path`` does not tell."""
    known = reports(path)
    silent = [agent for agent in agents if agent.id not in known]
    results: dict[CallId, ToolResult] = {}
    for call in orphans:
        title = _title(call)
        again = str(call.arguments.get("resume", ""))
        mine = [agent for agent in agents if again and agent.id.startswith(again)]
        mine = mine or [agent for agent in silent if agent.title == title]
        if mine and call.name in STARTERS:
            silent = [agent for agent in silent if agent is not mine[-1]]
            results[call.id] = ToolResult(
                call=call.id,
                name=call.name,
                status="indeterminate",
                content=lost(mine[-1].id, mine[-1].description),
                display=Display(summary="outcome unknown"),
            )
    ids = {agent.id for agent in agents}
    waited = (one for one, said in known.items() if said.status == "running" and one in ids)
    return results, [to_inbox(lost(one, known[one].agent)) for one in waited]


def _title(call: ToolCall) -> str:
    """What the session is called that a call starts."""
    said = call.arguments
    skill = f"/{said.get('name', '')} {said.get('args', '')}".strip()
    return (skill if call.name == "skill" else str(said.get("description", "")))[:200]
