"""What a session that is opened again knows of its agents."""

from __future__ import annotations

from msgspec.structs import replace

from ion_core.agent_reports import aside, lost, over, reports, to_inbox
from ion_core.entries import Body, Entry
from ion_core.ids import CallId, EntryId, SessionId, entry_id
from ion_core.messages import Message, ToolCall, ToolResult, answered, user
from ion_core.sessions.base import Append, OpenEffect, SessionInfo, Spend
from ion_core.sessions.family import children, with_agents
from ion_core.sessions.lost_agents import lost_agents
from ion_core.sessions.opening import opened, view_of
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.fakes.sessions import an_info


def call(id: str, **arguments: str) -> Message:
    given = ToolCall(id=CallId(id), name="task", arguments=dict(arguments))
    return Message(role="assistant", parts=(given,), stop="tool_use")


def result(id: str, content: str) -> Message:
    return answered(ToolResult(call=CallId(id), name="task", status="ok", content=content))


def path(*bodies: Body) -> list[Entry]:
    return [
        Entry(id=EntryId(entry_id(n + 1)), parent=None, at=float(n), body=body)
        for n, body in enumerate(bodies)
    ]


def agent(id: str, parent: str, title: str = "look", **known: object) -> SessionInfo:
    fields = {"kind": "subagent", "title": title, "description": "explorer", **known}
    return replace(an_info(), id=SessionId(id), parent=SessionId(parent), **fields)


def test_the_last_word_on_each_agent_counts() -> None:
    done = f"{over('a1', 'explorer', 'done')}\nIt is 3.\n\n(4 requests, 100 tokens)"
    told = path(
        call("c1"),
        result("c1", done),
        call("c2"),
        result("c2", aside("a2", "general")),
        user(to_inbox(f"{over('a2', 'general', 'failed')}\nno")),
        call("c3"),
        result("c3", aside("a3", "general")),
        user("[agent a3 general: done] is what a person may write"),
    )
    found = reports(told)
    assert [(id_, said.status, said.call) for id_, said in found.items()] == [
        ("a1", "done", "c1"),
        ("a2", "failed", "c2"),
        ("a3", "running", "c3"),
    ]
    assert found[SessionId("a1")].turns == 4


def test_calls_without_a_result_are_known_by_what_they_were_to_do() -> None:
    first, second = call("c1", description="look"), call("c2", description="write")
    orphans = [*first.calls, *second.calls]
    agents = [agent("a1", "p", "look"), agent("a2", "p", "look")]
    results, told = lost_agents(path(first), orphans, agents)
    assert list(results) == ["c1"]
    assert results[CallId("c1")].content == lost("a2", "explorer")
    assert told == []


def test_a_resumed_one_is_known_by_its_id() -> None:
    again = call("c2", description="more", resume="a1")
    before = path(call("c1"), result("c1", over("a1", "explorer", "done")), again)
    results, _ = lost_agents(before, again.calls, [agent("a1", "p")])
    assert "resume=a1" in results[CallId("c2")].content


def test_nobody_else_s_agents_are_told_of() -> None:
    copied = path(call("c1"), result("c1", aside("a1", "general")))
    assert lost_agents(copied, [], [])[1] == []
    assert len(lost_agents(copied, [], [agent("a1", "p")])[1]) == 1


def test_what_agents_used_is_the_session_s_too() -> None:
    own = replace(an_info(), usage=Usage(input=10), cost_nano=5)
    theirs = [
        agent("a1", own.id, usage=Usage(input=100), cost_nano=7),
        agent("a2", "a1", usage=Usage(output=3), cost_known=False),
    ]
    summed = with_agents(own, theirs)
    assert (summed.usage.input, summed.usage.output) == (110, 3)
    assert (summed.cost_nano, summed.cost_known) == (12, False)
    known = children(own, path(call("c1"), result("c1", over("a1", "explorer", "partial"))), theirs)
    [child] = known.values()
    assert (child.begun.call, child.ended and child.ended.status) == ("c1", "partial")


async def test_a_store_that_is_opened_again_says_all_of_it() -> None:
    store = await SqliteStore.memory()
    parent = an_info()
    started = call("c1", description="look")
    [entry] = await store.create(parent, [Append(body=started)])
    effect = OpenEffect(call=CallId("c1"), tool="task", recovery="replay_safe", detail={})
    await store.commit(parent.id, effect)
    child = replace(agent("01900000-0000-7000-8000-00000000000a", parent.id), parent_entry=entry.id)
    spend = Spend(provider="p", model="m", purpose="turn", usage=Usage(input=9), cost_nano=3)
    await store.create(child, [spend])
    found = await opened(store, parent.id)
    assert [each.id for each in found.agents] == [child.id]
    view = view_of(await store.info(parent.id), found.path, found.queue, found.agents)
    assert view.cost_nano == 3
    assert view.children[child.id].ended is not None
    answers = [e.body for e in found.path if isinstance(e.body, Message) and e.body.results]
    assert answers[0].results[0].status == "indeterminate"
    assert await store.agents(child.id) == []
    await store.aclose()
