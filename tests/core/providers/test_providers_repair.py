from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ion_core.ids import CallId
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user
from ion_core.providers.repair import repaired

IDS = st.sampled_from([CallId(each) for each in "abcd"])


def said(ids: list[CallId]) -> Message:
    calls = tuple(ToolCall(id=each, name="read", arguments={}) for each in ids)
    return Message(role="assistant", parts=(Text(text="x"), *calls))


MESSAGES = st.one_of(
    st.just(user("hello")),
    st.lists(IDS, max_size=3, unique=True).map(said),
    IDS.map(lambda each: answered(ToolResult(call=each, name="read", status="ok", content="r"))),
)


@given(st.lists(MESSAGES, max_size=10))
def test_every_call_has_its_one_answer_directly_after_it(messages: list[Message]) -> None:
    fixed = repaired(messages)
    for at, message in enumerate(fixed):
        if message.calls:
            answer = fixed[at + 1]
            assert [r.call for r in answer.results] == [call.id for call in message.calls]
        if message.role == "tool":
            assert fixed[at - 1].calls


@given(st.lists(MESSAGES, max_size=10))
def test_what_was_repaired_needs_no_repair(messages: list[Message]) -> None:
    fixed = repaired(messages)
    assert repaired(fixed) == fixed


@given(st.lists(MESSAGES, max_size=10))
def test_nothing_that_was_said_is_lost(messages: list[Message]) -> None:
    before = sum(len(m.results) for m in messages)
    after = sum(r.content == "r" for m in repaired(messages) for r in m.results)
    words = sum(m.role == "user" and m.text == "[read] r" for m in repaired(messages))
    assert after + words == before
