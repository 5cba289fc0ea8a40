"""Agents on the screen: what they do now, opening one, going on and back."""

from __future__ import annotations

import pytest

from ion_core.config.extension_schema import AgentSettings
from ion_core.config.schema import Settings
from ion_core.events import ApprovalRequested
from ion_core.ids import CallId, SessionId
from ion_core.messages import ToolCall
from ion_core.subagent_events import SubagentEnded, SubagentProgress, SubagentStarted
from tests.fakes.stage_session import StageSession
from tests.tui.conftest import Stage

CALL = ToolCall(
    id=CallId("c1"),
    name="task",
    arguments={"agent": "explorer", "prompt": "p", "description": "find limit"},
)


async def start(session: StageSession, child: str, call: str = "c1") -> None:
    await session.emit(
        SubagentStarted(
            child=SessionId(child), call=CallId(call), agent="explorer", description="find limit"
        )
    )


async def test_what_an_agent_does_is_shown_where_it_was_started(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await show.session.answer(CALL)
        await show.session.begin(CALL, "explorer: find limit")
        await start(show.session, "child-1")
        await show.session.emit(
            SubagentProgress(
                child=SessionId("child-1"), turns=3, tool="grep", target="limit", tokens=1500
            )
        )
        await show.settle()
        assert "grep limit · 3 requests · 1.5k tokens" in show.text


async def test_keys_go_on_to_agents_and_back(stage: Stage) -> None:
    async with stage() as show:
        parent = show.session
        await parent.submit("go")
        child = await show.runtime.open()
        await start(parent, child.id)
        await show.settle()
        await show.press("ctrl+x", "right_square_bracket")
        await show.settle()
        assert show.screen.session_id == child.id
        await show.press("ctrl+x", "u")
        await show.settle()
        assert show.screen.session_id == parent.id


async def test_the_status_row_counts_those_at_work_and_those_that_wait(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        for name in ("child-1", "child-2"):
            await start(show.session, name, call=name)
        await show.settle()
        assert "2 agents" in show.text
        await show.session.emit(
            SubagentProgress(child=SessionId("child-2"), turns=1, waits_for="an approval")
        )
        await show.settle()
        assert "2 agents · 1 needs you" in show.text


async def test_those_that_nobody_looked_at_stand_in_the_sidebar(stage: Stage) -> None:
    async with stage(size=(200, 50)) as show:
        parent = show.session
        show.runtime.keep(parent.id, "the parent", 0.0)
        await parent.submit("go")
        for name in ("child-1", "child-2"):
            show.runtime.keep(name, f"look for {name}", 0.0, kind="subagent", parent=parent.id)
            await start(parent, name, call=name)
        await show.settle()
        listed = [item.id for item in show.screen.sidebar.sessions.items]
        assert {"child-1", "child-2"} <= set(listed)


@pytest.mark.parametrize("where", ["transcript", "log"])
async def test_enter_on_its_card_opens_an_agent(stage: Stage, where: str) -> None:
    async with stage(size=(200, 50)) as show:
        parent = show.session
        await parent.submit("go")
        await parent.answer(CALL)
        await parent.begin(CALL, "explorer: find limit")
        child = await show.runtime.open()
        await start(parent, child.id, call=CALL.id)
        await show.settle()
        places = {"transcript": show.screen.transcript, "log": show.screen.dock.tools.list}
        places[where].focus()
        await show.settle()
        await show.press("enter")
        await show.settle()
        assert show.screen.session_id == child.id
        show.screen.transcript.focus()
        await show.settle()
        await show.press("enter")
        notes = " ".join(note.message for note in show.app._notifications)
        assert "No agent was started" in notes


async def test_without_agents_the_keys_say_so_and_undo_works(stage: Stage) -> None:
    async with stage() as show:
        await show.press("ctrl+x", "left_square_bracket")
        assert "No agents" in " ".join(note.message for note in show.app._notifications)
        await show.type("abc")
        await show.press("ctrl+x", "u")
        await show.settle()
        assert show.prompt.text != "abc"


async def test_an_approval_names_the_agent(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await show.session.emit(
            ApprovalRequested(
                call=CallId("child-1/c9"),
                name="bash",
                target="make",
                arguments={"command": "make"},
                editable=True,
                agent="reviewer",
                child=SessionId("child-1"),
            )
        )
        await show.settle()
        assert "reviewer asks: Run this command?" in show.text


async def test_the_list_has_those_at_work_and_the_kinds_there_are(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await start(show.session, "child-1")
        await show.session.emit(
            SubagentEnded(child=SessionId("child-1"), status="done", turns=4, duration_ms=2000)
        )
        await show.settle()
        await show.type("/agents")
        await show.press("enter")
        await show.settle()
        assert "explorer: find limit" in show.text
        assert "4 requests" in show.text


async def test_from_160_columns_an_agent_stands_beside_its_parent(stage: Stage) -> None:
    async with stage(size=(180, 40)) as show:
        parent = show.session
        await parent.submit("what is the limit")
        child = await show.runtime.open()
        await child.submit("look for it")
        await start(parent, child.id)
        await show.settle()
        await show.press("ctrl+x", "right_square_bracket")
        await show.settle()
        assert "what is the limit" in show.text
        assert "look for it" in show.text
        assert "‹" in show.text
        await parent.answer(CALL)
        await show.settle()
        assert "find limit" in show.text  # its parent goes on beside it
        await show.type("faster")
        await show.press("enter")
        await show.settle()
        assert ("steer", "faster") in child.asked
        await show.press("ctrl+x", "u")
        await show.settle()
        assert "look for it" not in show.text
        assert show.screen.session_id == parent.id


async def test_one_that_starts_is_opened_beside_its_session_where_that_is_wanted(
    stage: Stage,
) -> None:
    wanted = Settings(agents=AgentSettings(autosplit=True))
    async with stage(size=(180, 40), settings=wanted) as show:
        parent = show.session
        await parent.submit("what is the limit")
        child = await show.runtime.open()
        await start(parent, child.id)
        await show.settle()
        assert show.screen.session_id == child.id
        assert "what is the limit" in show.text
        ended = SubagentEnded(child=SessionId(child.id), status="done", turns=1)
        await parent.emit(ended)
        await show.settle()
        assert show.screen.session_id == parent.id
        await show.type("half a thought")
        await start(parent, child.id)
        await show.settle()
        assert show.screen.session_id == parent.id


async def test_below_160_columns_an_agent_takes_its_parents_place(stage: Stage) -> None:
    async with stage(size=(120, 40)) as show:
        await show.session.submit("what is the limit")
        child = await show.runtime.open()
        await child.submit("look for it")
        await start(show.session, child.id)
        await show.settle()
        await show.press("ctrl+x", "right_square_bracket")
        await show.settle()
        assert "look for it" in show.text
        assert "what is the limit" not in show.text
