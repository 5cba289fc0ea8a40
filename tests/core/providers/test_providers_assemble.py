from __future__ import annotations

import pytest

from ion_core.errors import StreamBroken
from ion_core.ids import CallId
from ion_core.messages import Origin, Reasoning, Text, ToolCall
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Finished, PartDelta, PartDone
from ion_core.usage import Usage

ORIGIN = Origin(protocol="openai-chat", provider="p", base_url="http://h", model="m")
CALL = ToolCall(id=CallId("c1"), name="read", arguments={"path": "a"})


def test_parts_stand_in_order_of_their_index_not_of_their_end() -> None:
    assembly = Assembly()
    assembly.add(PartDone(index=1, part=CALL))
    assembly.add(PartDone(index=0, part=Text(text="look")))
    assembly.add(Finished(stop="tool_use", usage=Usage(input=3, output=2)))
    message = assembly.message(ORIGIN)
    assert message.parts == (Text(text="look"), CALL)
    assert (message.stop, message.usage, message.origin) == (
        "tool_use",
        Usage(input=3, output=2),
        ORIGIN,
    )


def test_an_answer_without_its_end_is_never_complete() -> None:
    assembly = Assembly()
    assembly.add(PartDone(index=0, part=Text(text="half")))
    with pytest.raises(StreamBroken):
        assembly.message(ORIGIN)


def test_a_partial_answer_keeps_words_and_drops_calls_and_signatures() -> None:
    assembly = Assembly()
    assembly.add(PartDelta(index=0, channel="reasoning", text="hm"))
    assembly.add(PartDone(index=0, part=Reasoning(text="hm", signature="s", opaque={"a": 1})))
    assembly.add(PartDone(index=1, part=CALL))
    assembly.add(PartDelta(index=2, channel="text", text="I wi"))
    assembly.add(PartDelta(index=2, channel="text", text="ll"))
    assembly.add(PartDelta(index=3, channel="arguments", text='{"pa', tool="read"))
    partial = assembly.partial(ORIGIN, "interrupted")
    assert partial is not None
    assert partial.parts == (Reasoning(text="hm"), Text(text="I will"))
    assert partial.stop == "interrupted"


def test_nothing_said_is_no_partial_answer() -> None:
    assembly = Assembly()
    assert not assembly.has_content
    assembly.add(PartDelta(index=0, channel="arguments", text="{", tool="read"))
    assert assembly.has_content
    assert assembly.partial(ORIGIN) is None
