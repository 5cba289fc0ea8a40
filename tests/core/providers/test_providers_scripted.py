from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from ion_core.errors import ConfigError, Overloaded
from ion_core.ids import CallId
from ion_core.messages import Message, Reasoning, Text, ToolCall, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Chunk, Finished, PartDelta, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.script import Reply
from ion_core.providers.scripted import SCRIPT_OVER, ScriptedProvider, scripted
from ion_core.usage import Usage

REQUEST = Request(model="any", system="Be brief.", messages=(user("hello"),))
CALL = ToolCall(id=CallId("c1"), name="read", arguments={"path": "a.py"})


async def read(provider: ScriptedProvider, into: list[Chunk]) -> None:
    async with provider.stream(REQUEST) as chunks:
        async for chunk in chunks:
            into.append(chunk)


async def chunks_of(provider: ScriptedProvider) -> list[Chunk]:
    chunks: list[Chunk] = []
    await read(provider, chunks)
    return chunks


async def answer_of(provider: ScriptedProvider) -> Message:
    assembly = Assembly()
    for chunk in await chunks_of(provider):
        assembly.add(chunk)
    return assembly.message(provider.origin("any"))


async def test_each_request_is_answered_by_the_next_step_and_then_by_a_sentence() -> None:
    provider = ScriptedProvider(["one", [Text(text="two"), CALL], lambda _: "three"])
    answers = [await answer_of(provider) for _ in range(4)]
    assert [a.text for a in answers] == ["one", "two", "three", SCRIPT_OVER]
    assert [a.stop for a in answers] == ["end_turn", "tool_use", "end_turn", "end_turn"]
    assert provider.requests == [REQUEST] * 4


async def test_text_arrives_in_deltas_that_join_to_the_whole() -> None:
    provider = ScriptedProvider([[Reasoning(text="so"), Text(text="hello world"), CALL]], chunk=4)
    deltas = [c for c in await chunks_of(provider) if isinstance(c, PartDelta)]
    assert [d.text for d in deltas if d.channel == "text"] == ["hell", "o wo", "rld"]
    arguments = "".join(d.text for d in deltas if d.channel == "arguments")
    assert json.loads(arguments) == {"path": "a.py"}


async def test_usage_is_what_the_script_says_or_counted_from_the_words() -> None:
    said = Usage(input=7, output=9)
    provider = ScriptedProvider([Reply(parts=(Text(text="a"),), usage=said), "x" * 400])
    assert (await answer_of(provider)).usage == said
    counted = (await answer_of(provider)).usage
    assert counted is not None
    assert counted.output > 100
    assert counted.input > 0


async def test_an_error_comes_after_what_was_said() -> None:
    reply = Reply(parts=(Text(text="half"),), error=Overloaded("busy"))
    provider = ScriptedProvider([reply, Overloaded("still")])
    seen: list[Chunk] = []
    with pytest.raises(Overloaded, match="busy"):
        await read(provider, seen)
    assert any(isinstance(c, PartDelta) for c in seen)
    with pytest.raises(Overloaded, match="still"):
        await chunks_of(provider)


async def test_a_gate_holds_the_stream_open_until_it_is_set() -> None:
    gate, spoken, ends = asyncio.Event(), asyncio.Event(), []
    provider = ScriptedProvider([Reply(parts=(Text(text="wait"),), gate=gate)])

    async def listen() -> None:
        async with provider.stream(REQUEST) as chunks:
            async for chunk in chunks:
                spoken.set()
                ends.extend([chunk] if isinstance(chunk, Finished) else [])

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(listen())
        await spoken.wait()
        assert not ends
        gate.set()
    assert len(ends) == 1


async def test_a_script_file_gives_a_provider(tmp_path: Path) -> None:
    file = tmp_path / "script.json"
    step = {
        "reasoning": "r",
        "text": "t",
        "calls": [{"name": "list", "arguments": {"path": "."}}, {"name": "todo"}],
        "usage": {"input": 5, "output": 6},
    }
    error = {"error": {"kind": "rate_limited", "message": "slow", "retry_after": 2.5}}
    file.write_text(json.dumps([step, error]))
    provider = scripted(Endpoint(name="fake", base_url=str(file), protocol="scripted"))
    message = await answer_of(provider)
    assert [type(part).__name__ for part in message.parts] == [
        "Reasoning",
        "Text",
        "ToolCall",
        "ToolCall",
    ]
    assert len({call.id for call in message.calls}) == 2
    assert message.usage == Usage(input=5, output=6)
    with pytest.raises(Exception, match="slow") as failure:
        await chunks_of(provider)
    assert failure.value.retry_after == 2.5  # type: ignore[attr-defined]  # a RateLimited


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('[{"txt": "typo"}]', "unknown field `txt`"),
        ("nonsense", "not a script"),
        ('[{"error": {"kind": "weather"}}]', "'weather'"),
    ],
)
def test_a_wrong_script_is_a_setting_that_is_wrong(tmp_path: Path, content: str, why: str) -> None:
    file = tmp_path / "script.json"
    file.write_text(content)
    with pytest.raises(ConfigError, match=why):
        scripted(Endpoint(name="fake", base_url=str(file), protocol="scripted"))


def test_a_missing_script_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        scripted(Endpoint(name="fake", base_url=str(tmp_path / "none.json")))


def test_an_endpoint_shows_no_key() -> None:
    endpoint = Endpoint(name="work", base_url="https://h/v1", api_key="sk-secret-1234")
    assert "secret" not in repr(endpoint)
    assert endpoint.model("unheard").ref == "work/unheard"
