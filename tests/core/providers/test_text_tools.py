"""Models that write their calls as text make calls like any other."""

from __future__ import annotations

from ion_core.ids import CallId
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import PartDelta, Request, ToolSpec
from ion_core.providers.script import Reply
from ion_core.providers.scripted import ScriptedProvider
from ion_core.providers.tool_text import ToolTextProvider

READ = ToolSpec(
    name="read",
    description="Reads\n a file.",
    schema={"type": "object", "properties": {"path": {}}, "required": ["path"]},
)
CALL = '<tool_call>\n{"name": "read", "arguments": {"path": "a.py"}}\n</tool_call>'


async def _answer(
    reply: Reply | str, *messages: Message, describe: bool = True
) -> tuple[Message, str, Request]:
    inner = ScriptedProvider([reply], chunk=2)
    provider = ToolTextProvider(inner, describe=describe)
    assembly, shown = Assembly(), ""
    request = Request(
        model="m", system="Be brief.", messages=messages or (user("Look."),), tools=(READ,)
    )
    async with provider.stream(request) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
            if isinstance(chunk, PartDelta) and chunk.channel == "text":
                shown += chunk.text
    return assembly.message(provider.origin("m")), shown, inner.requests[0]


async def test_a_written_call_is_a_call_and_never_shown_as_text() -> None:
    message, shown, _ = await _answer(f"I read it.\n{CALL}")

    assert message.text == shown == "I read it.\n"
    assert message.calls[0].name == "read"
    assert message.calls[0].arguments == {"path": "a.py"}
    assert message.stop == "tool_use"


async def test_text_around_calls_keeps_its_place() -> None:
    message, shown, _ = await _answer(f"One.\n{CALL}\nTwo.\n{CALL}")

    assert [type(part).__name__ for part in message.parts] == ["Text", "ToolCall"] * 2
    assert shown == "One.\n\nTwo.\n"


async def test_text_without_a_call_is_shown_whole() -> None:
    text = 'See:\n```json\n{"port": 80}\n```\nand `x` < y.'
    message, shown, _ = await _answer(text)

    assert message.text == shown == text
    assert message.stop == "end_turn"


async def test_calls_of_the_wire_are_passed_on() -> None:
    call = ToolCall(id=CallId("c9"), name="read", arguments={"path": "b"})
    message, _, _ = await _answer(Reply(parts=(Text(text="I look."), call)))

    assert message.parts == (Text(text="I look."), call)


async def test_the_tools_are_described_in_the_system_text() -> None:
    _, _, sent = await _answer("ok")

    assert sent.tools == ()
    assert sent.system.startswith("Be brief.")
    assert "- read: Reads a file. {" in sent.system


async def test_where_the_wire_knows_tools_they_go_over_the_wire() -> None:
    message, _, sent = await _answer(CALL, describe=False)

    assert sent.tools == (READ,)
    assert sent.system == "Be brief."
    assert message.calls[0].name == "read"


async def test_earlier_calls_and_results_are_text() -> None:
    calls = tuple(
        ToolCall(id=CallId(path), name="read", arguments={"path": path}) for path in ("a", "b")
    )
    results = [
        answered(ToolResult(call=call.id, name="read", status="ok", content=f"in {call.id}"))
        for call in calls
    ]
    history = (user("Look."), Message(role="assistant", parts=calls), *results, user("And?"))

    _, _, sent = await _answer("ok", *history)

    assert [message.role for message in sent.messages] == ["user", "assistant", "user", "user"]
    assert sent.messages[1].text.count("<tool_call>") == 2
    assert sent.messages[2].text == (
        "<tool_response>\nin a\n</tool_response>\n<tool_response>\nin b\n</tool_response>"
    )
