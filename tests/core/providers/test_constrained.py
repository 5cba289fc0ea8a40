"""Models that can only fill a JSON schema work with tools all the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ion_core.ids import CallId
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import PartDelta, Request, ToolSpec
from ion_core.providers.constrained import ConstrainedProvider, constrained
from ion_core.providers.conversation import conversation
from ion_core.providers.edit_mend import appended, mended
from ion_core.providers.example import EXAMPLE
from ion_core.providers.fields import FieldStream
from ion_core.providers.script import Reply
from ion_core.providers.scripted import ScriptedProvider

NAMES = ("bash", "edit", "glob", "grep", "list", "read", "write")
TOOLS = tuple(ToolSpec(name=name, description=name, schema={}) for name in NAMES)


def _request(*messages: Message, tools: tuple[ToolSpec, ...] = TOOLS) -> Request:
    return Request(model="m", system="a long text", messages=messages, tools=tools)


def _step(
    name: str, arguments: dict[str, Any], content: str, status: Any = "ok"
) -> tuple[Message, Message]:
    call = ToolCall(id=CallId("c1"), name=name, arguments=arguments)
    result = ToolResult(call=call.id, name=name, status=status, content=content)
    return Message(role="assistant", parts=(call,)), answered(result)


def _sent(request: Request) -> Request:
    return constrained(request, conversation(request.messages))


def told(messages: list[Message]) -> tuple[Message, ...]:
    return conversation(messages).messages


async def _played(inner: ScriptedProvider, request: Request) -> tuple[Message, list[PartDelta]]:
    assembly, deltas = Assembly(), []
    provider = ConstrainedProvider(inner)
    async with provider.stream(request) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
            if isinstance(chunk, PartDelta):
                deltas.append(chunk)
    return assembly.message(provider.origin("m")), deltas


async def _answer(
    text: str, request: Request, stop: Any = None
) -> tuple[Message, list[PartDelta], Request]:
    inner = ScriptedProvider([Reply(parts=(Text(text=text),), stop=stop)], chunk=3)
    message, deltas = await _played(inner, request)
    return message, deltas, inner.requests[0]


async def test_an_action_becomes_a_call_of_the_real_tool() -> None:
    text = '{"tool": "edit", "path": "a.py", "old": "x", "new": "y"}'

    message, deltas, _ = await _answer(text, _request(user("Change x.")))

    assert message.stop == "tool_use"
    assert message.calls[0].name == "edit"
    assert message.calls[0].arguments == {
        "path": "a.py",
        "edits": [{"old_string": "x", "new_string": "y"}],
    }
    assert {(delta.channel, delta.tool) for delta in deltas} == {("arguments", "edit")}


async def test_an_answer_streams_as_the_text_that_it_is() -> None:
    said = 'Done: "a"\n\tand ü and \U0001f600.'
    text = json.dumps({"tool": "answer", "text": said})

    message, deltas, _ = await _answer(text, _request(user("Go.")))

    assert message.text == said
    assert message.stop == "end_turn"
    assert len(deltas) > 3
    assert "".join(delta.text for delta in deltas) == said


async def test_arguments_stream_as_json() -> None:
    text = json.dumps({"tool": "write", "path": "a", "content": 'say "hi"\n'})

    seen = _step("read", {"path": "a"}, "a does not exist.", "error")
    _, deltas, _ = await _answer(text, _request(user("Go."), *seen))

    written = "".join(delta.text for delta in deltas) + '"}'
    assert json.loads(written) == {"path": "a", "content": 'say "hi"\n'}


async def test_a_write_to_a_file_that_was_never_looked_at_becomes_a_look() -> None:
    text = json.dumps({"tool": "write", "path": "src/a.py", "content": "x = 1\n" * 100})

    message, _, _ = await _answer(text, _request(user("Change it.")))

    assert [(call.name, call.arguments) for call in message.calls] == [
        ("read", {"path": "src/a.py"})
    ]
    assert message.stop == "tool_use"


ABSENT = _step("read", {"path": "p.py"}, "p.py does not exist.", "error")
WRITE = json.dumps({"tool": "write", "path": "p.py", "content": "print('in a hurry')"})


async def test_a_file_of_others_is_changed_and_not_replaced() -> None:
    seen = _step("read", {"path": "m.py"}, "1\tdef one():\n2\t    return 1")
    write = json.dumps({"tool": "write", "path": "m.py", "content": "def two(): ..."})
    append = json.dumps({"tool": "append", "path": "m.py", "text": "def two(): ..."})
    inner = ScriptedProvider([write, append], chunk=4)

    message, deltas = await _played(inner, _request(user("Add two."), *seen))

    assert [call.name for call in message.calls] == ["edit"]
    assert {delta.tool for delta in deltas} == {"edit"}
    schema = inner.requests[1].schema
    assert schema is not None
    assert "write" not in [action["properties"]["tool"]["const"] for action in schema["oneOf"]]


async def test_a_file_of_its_own_may_be_replaced() -> None:
    seen = _step("write", {"path": "m.py", "content": "print(1)"}, "Created m.py (1 line).")
    write = json.dumps({"tool": "write", "path": "m.py", "content": "print(2)"})

    message, _, _ = await _answer(write, _request(user("Print 2."), *seen))

    assert message.calls[0].arguments == {"path": "m.py", "content": "print(2)"}


async def test_a_new_program_is_thought_about_and_written_in_a_request_of_its_own() -> None:
    thought = "p.py must print 2, 3 and 5.\n\n"
    code = "for n in (2, 3, 5):\n    print('n', n)\n"
    inner = ScriptedProvider([WRITE, f"{thought}```python\n{code}```\nThat is all."], chunk=5)
    message, deltas = await _played(inner, _request(user("Print three primes."), *ABSENT))

    assert [type(part).__name__ for part in message.parts] == ["Reasoning", "ToolCall"]
    assert message.calls[0].arguments == {"path": "p.py", "content": code}
    assert message.stop == "tool_use"
    written = "".join(delta.text for delta in deltas if delta.channel == "arguments") + '"}'
    assert json.loads(written) == {"path": "p.py", "content": code}
    thoughts = "".join(delta.text for delta in deltas if delta.channel == "reasoning")
    assert thoughts == thought
    asked = inner.requests[1]
    assert asked.schema is None
    assert "Print three primes." in asked.messages[0].text


async def test_a_block_of_expected_output_is_not_the_program() -> None:
    answer = "It prints:\n```\n1\n2\n```\nSo:\n```python\nprint(1)\nprint(2)\n```\n"
    inner = ScriptedProvider([WRITE, answer], chunk=3)
    message, deltas = await _played(inner, _request(user("Print."), *ABSENT))

    assert message.calls[0].arguments["content"] == "print(1)\nprint(2)\n"
    written = "".join(delta.text for delta in deltas if delta.channel == "arguments") + '"}'
    assert json.loads(written)["content"] == "print(1)\nprint(2)\n"


async def test_a_block_without_a_language_is_the_program_when_there_is_no_other() -> None:
    inner = ScriptedProvider([WRITE, "It prints 1.\n```\nprint(1)\n```"], chunk=3)
    message, _ = await _played(inner, _request(user("Print."), *ABSENT))

    assert message.calls[0].arguments["content"] == "print(1)\n"


async def test_a_program_without_a_code_block_is_the_whole_answer() -> None:
    inner = ScriptedProvider([WRITE, "print(2)\nprint(3)"], chunk=5)
    message, _ = await _played(inner, _request(user("Print."), *ABSENT))

    assert message.calls[0].arguments["content"] == "print(2)\nprint(3)"


async def test_a_program_that_was_cut_off_is_not_written() -> None:
    cut = Reply(parts=(Text(text="It prints.\n```python\nprint(2"),), stop="max_tokens")
    message, _ = await _played(ScriptedProvider([WRITE, cut]), _request(user("Print."), *ABSENT))

    assert message.calls[0].malformed is not None
    assert message.stop == "max_tokens"


async def test_without_a_tool_to_look_a_write_is_a_write() -> None:
    text = json.dumps({"tool": "write", "path": "a.py", "content": "x"})
    tools = tuple(tool for tool in TOOLS if tool.name == "write")

    message, _, _ = await _answer(text, _request(user("Change it."), tools=tools))

    assert message.calls[0].arguments == {"path": "a.py", "content": "x"}


async def test_an_action_that_was_cut_off_is_not_run() -> None:
    text = '{"tool": "bash", "command": "rm -r build && echo th'

    message, _, _ = await _answer(text, _request(user("Go.")), stop="max_tokens")

    assert message.stop == "max_tokens"
    assert message.calls[0].malformed == text
    assert message.calls[0].arguments == {}


async def test_an_answer_that_was_cut_off_is_shown_as_far_as_it_went() -> None:
    text = '{"tool": "answer", "text": "It is don'

    message, _, _ = await _answer(text, _request(user("Go.")), stop="max_tokens")

    assert message.text == "It is don"


async def test_a_server_that_ignores_the_schema_is_shown_as_text() -> None:
    message, _, _ = await _answer("I cannot do that.", _request(user("Go.")))

    assert message.text == "I cannot do that."
    assert not message.calls


async def test_the_wire_gets_a_short_system_text_a_schema_and_no_tools() -> None:
    _, _, sent = await _answer('{"tool": "answer", "text": "ok"}', _request(user("Count them.")))

    assert sent.tools == ()
    assert sent.temperature == 0.0
    assert len(sent.system) < 1_000
    assert sent.messages[-1].text == "Task: Count them."
    assert sent.schema is not None
    offered = [action["properties"]["tool"]["const"] for action in sent.schema["oneOf"]]
    assert offered == ["read", "list", "grep", "write", "bash", "answer"]


async def test_a_request_without_tools_goes_through() -> None:
    message, _, sent = await _answer("Just text.", _request(user("Title?"), tools=()))

    assert message.text == "Just text."
    assert sent.system == "a long text"
    assert sent.schema is None


def test_only_offered_tools_are_actions() -> None:
    sent = _sent(_request(user("Go."), tools=TOOLS[5:6]))

    assert sent.schema is not None
    offered = [action["properties"]["tool"]["const"] for action in sent.schema["oneOf"]]
    assert offered == ["read", "answer"]


def test_only_files_that_were_seen_can_be_edited() -> None:
    sent = _sent(_request(user("Fix."), *_step("read", {"path": "m.py"}, "     1\tx = 1")))

    assert sent.schema is not None
    edit = next(
        action
        for action in sent.schema["oneOf"]
        if action["properties"]["tool"] == {"const": "edit"}
    )
    assert edit["properties"]["path"] == {"enum": ["m.py"]}


async def test_a_word_alone_is_replaced_everywhere() -> None:
    text = '{"tool": "edit", "path": "a.py", "old": "old_name", "new": "new_name"}'

    message, _, _ = await _answer(text, _request(user("Rename it.")))

    assert message.calls[0].arguments["edits"][0]["replace_all"] is True


async def test_an_edit_with_the_wrong_spaces_is_made_right() -> None:
    text = (
        '{"tool": "edit", "path": "m.py", "old": "def f(): return 1", "new": "def f(): return 2"}'
    )
    seen = _step("read", {"path": "m.py"}, "1\tdef f():\n2\t    return 1")

    message, _, _ = await _answer(text, _request(user("Fix."), *seen))

    assert message.calls[0].arguments["edits"] == [
        {"old_string": "def f():\n    return 1", "new_string": "def f():\n    return 2"}
    ]


async def test_an_append_becomes_an_edit_of_the_end() -> None:
    text = json.dumps({"tool": "append", "path": "m.py", "text": "def two():\n    return 2\n"})
    seen = _step("read", {"path": "m.py"}, "1\tdef one():\n2\t    return 1")

    message, _, _ = await _answer(text, _request(user("Add two."), *seen))

    assert message.calls[0].name == "edit"
    assert message.calls[0].arguments["edits"] == [
        {
            "old_string": "    return 1",
            "new_string": "    return 1\n\n\ndef two():\n    return 2",
        }
    ]


def test_an_append_after_lines_that_repeat_names_more_of_them() -> None:
    assert appended("c", "a\nb\na\nb") == ("b\na\nb", "b\na\nb\nc")
    assert appended("c", "x\na\nb\na\na") == ("a\na", "a\na\nc")
    assert appended("c", "") == ("", "\nc")


def test_matches_are_shown_with_their_file_on_each_line() -> None:
    content = "app.py\n1:from tools import f\n\ntools.py\n4:def f():"
    text = told([user("Find f."), *_step("grep", {"pattern": "f"}, content)])[-1].text

    assert "Result: app.py:1:from tools import f\ntools.py:4:def f():\n" in text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a = 1", "a = 2", ("a = 1", "a = 2")),
        ("if x: y()", "if x: z()", ("if x:\n    y()", "if x:\n    z()")),
        ("if x: y()", "if x: y() or z()", ("if x:\n    y()", "if x:\n    y() or z()")),
        ("if x: y()", "y()", ("if x:\n    y()", "\n    y()")),
        ("b  = 3", "b = 4", ("b  = 3", "b = 4")),
        ("a =\t1", "a = 5", ("a = 1", "a = 5")),
        ("", "x", ("", "x")),
    ],
)
def test_mending_keeps_the_spaces_of_the_file(
    old: str, new: str, expected: tuple[str, str]
) -> None:
    assert mended(old, new, "a = 1\nif x:\n    y()\nb = 3\nb = 3\n") == expected


def test_after_an_edit_that_failed_the_file_is_shown() -> None:
    edits = [{"old_string": "y", "new_string": "z"}]
    messages = told(
        [
            user("Fix."),
            *_step("read", {"path": "m.py"}, "     1\tx = 1"),
            *_step("edit", {"path": "m.py", "edits": edits}, "m.py has no 'y'.", "error"),
        ]
    )

    assert "The file is:\nx = 1" in messages[-1].text


def test_history_reads_as_actions_and_results() -> None:
    edits = [{"old_string": "return a - b", "new_string": "return a + b"}]
    messages = told(
        [
            user("Fix add."),
            *_step("read", {"path": "m.py"}, "    1\tdef add(a, b):\n    2\t    return a - b"),
            *_step("edit", {"path": "m.py", "edits": edits}, "Edited m.py."),
            Message(role="assistant", parts=(Text(text="Fixed."),)),
            user("Thanks."),
        ]
    )

    assert [message.role for message in messages] == ["user", "assistant"] * 3 + ["user"]
    assert [message.text for message in messages] == [
        "Task: Fix add.",
        '{"tool": "read", "path": "m.py"}',
        "Result: 2 lines\ndef add(a, b):\n    return a - b\nTask: Fix add.",
        '{"tool": "edit", "path": "m.py", "old": "return a - b", "new": "return a + b"}',
        "Result: Edited m.py.\nTask: Fix add.",
        '{"tool": "answer", "text": "Fixed."}',
        "Task: Thanks.",
    ]


def test_what_was_written_can_be_edited() -> None:
    step = _step("write", {"path": "m.py", "content": "x = 1"}, "Created m.py (1 line).")

    assert conversation([user("Go."), *step]).files == {"m.py": "x = 1"}


def test_a_failed_edit_shows_the_file_as_it_became() -> None:
    good = [{"old_string": "x", "new_string": "z"}]
    bad = [{"old_string": "y", "new_string": "z"}]
    messages = told(
        [
            user("Go."),
            *_step("write", {"path": "m.py", "content": "x = 1"}, "Created m.py (1 line)."),
            *_step("edit", {"path": "m.py", "edits": good}, "Edited m.py."),
            *_step("edit", {"path": "m.py", "edits": bad}, "No match.", "error"),
        ]
    )

    assert "The file is:\nz = 1\n" in messages[-1].text


def test_parallel_calls_of_another_model_become_one_after_the_other() -> None:
    calls = tuple(
        ToolCall(id=CallId(path), name="read", arguments={"path": path}) for path in ("a", "b")
    )
    results = [
        answered(ToolResult(call=call.id, name="read", status="ok", content=call.id))
        for call in calls
    ]
    messages = told([user("Read."), Message(role="assistant", parts=calls), *results])

    assert [message.text.split("\n")[-2:] for message in messages[1:]] == [
        ['{"tool": "read", "path": "a"}'],
        ["a", "Task: Read."],
        ['{"tool": "read", "path": "b"}'],
        ["b", "Task: Read."],
    ]


def test_what_was_sent_is_sent_the_same_way_later() -> None:
    step = _step("list", {"path": "."}, "a.py")
    done = Message(role="assistant", parts=(Text(text="Done."),))
    history = [user("Look."), *step, *step, done, user("Again."), *step]

    whole = told(history)
    for count in (1, 3, 5, 6, 7):
        part = told(history[:count])
        assert whole[: len(part)] == part


def test_long_results_keep_their_beginning_and_end() -> None:
    content = "first\n" + "x" * 10_000 + "\nlast"
    text = told([user("Go."), *_step("bash", {"command": "run"}, content)])[-1].text

    assert len(text) < 3_000
    assert "first" in text
    assert "last" in text


def test_a_long_session_keeps_its_last_steps() -> None:
    steps = [
        message
        for number in range(40)
        for message in _step("bash", {"command": f"run {number}"}, "x" * 900)
    ]
    sent = _sent(_request(user("Go on."), *steps))

    text = "".join(message.text for message in sent.messages)
    assert len(text) < 16_000
    assert "run 39" in text
    assert sent.messages[len(EXAMPLE)].role == "user"
    assert "Task: Go on." in sent.messages[len(EXAMPLE)].text


def test_a_repeated_call_is_told_and_its_tool_is_withheld_once() -> None:
    step = _step("list", {"path": "."}, "a.py")
    sent = _sent(_request(user("Look."), *step, *step))

    assert "already" in sent.messages[-1].text
    assert sent.schema is not None
    offered = [action["properties"]["tool"]["const"] for action in sent.schema["oneOf"]]
    assert "list" not in offered
    assert "bash" in offered


def test_running_a_test_again_with_another_outcome_is_no_repetition() -> None:
    run = {"command": "python3 test.py"}
    messages = [user("Fix."), *_step("bash", run, "failed"), *_step("bash", run, "passed")]

    assert conversation(messages).repetitions == 0


def test_a_model_that_only_repeats_itself_must_answer() -> None:
    step = _step("list", {"path": "."}, "a.py")
    sent = _sent(_request(user("Look."), *step * 4))

    assert sent.schema is not None
    assert len(sent.schema["oneOf"]) == 1
    assert sent.schema["oneOf"][0]["properties"]["tool"] == {"const": "answer"}


def test_a_new_task_begins_without_the_repetitions_of_the_last() -> None:
    step = _step("list", {"path": "."}, "a.py")

    assert conversation([user("Look."), *step * 4, user("Look again.")]).repetitions == 0


def test_the_example_ends_with_an_answer() -> None:
    assert EXAMPLE[-1].role == "assistant"
    assert json.loads(EXAMPLE[-1].text)["tool"] == "answer"
    assert len("".join(message.text for message in EXAMPLE)) < 1_000


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8), st.text(alphabet=st.characters(exclude_categories=["Cs"]))
    ),
    st.booleans(),
    st.integers(1, 7),
)
def test_fields_arrive_whole_however_the_text_is_cut(
    fields: dict[str, str], escaped: bool, size: int
) -> None:
    text = json.dumps(fields, ensure_ascii=escaped, indent=2)
    stream, found = FieldStream(), dict.fromkeys(fields, "")

    for at in range(0, len(text), size):
        for name, piece in stream.feed(text[at : at + size]):
            found[name] += piece

    assert found == fields


@given(st.text(alphabet=st.sampled_from('{}":,\\u0a \n')))
def test_any_text_can_be_fed(text: str) -> None:
    for _name, piece in FieldStream().feed(text):
        assert isinstance(piece, str)


@pytest.mark.parametrize("name", ["skill", "mcp__x__y"])
def test_a_call_of_an_unknown_tool_keeps_its_arguments_in_history(name: str) -> None:
    messages = told([user("Go."), *_step(name, {"a": 1}, "fine")])

    assert json.loads(messages[1].text) == {"tool": name, "a": 1}
