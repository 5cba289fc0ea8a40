"""An endpoint becomes the provider that its protocol and its models need."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ion_core.errors import ConfigError
from ion_core.messages import Message, ToolCall, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import ModelInfo, Provider, Request, ToolMode, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import build
from ion_core.providers.wired import Wired

READ = ToolSpec(
    name="read",
    description="Reads a file.",
    schema={"type": "object", "properties": {"path": {}}, "required": ["path"]},
)


def _endpoint(mode: ToolMode, path: str) -> Endpoint:
    model = ModelInfo(provider="x", id="m", tool_mode=mode)
    return Endpoint(name="x", base_url=path, protocol="scripted", models={"m": model})


async def _ask(provider: Provider) -> Message:
    assembly = Assembly()
    request = Request(model="m", system="s", messages=(user("Look."),), tools=(READ,))
    async with provider.stream(request) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
    return assembly.message(provider.origin("m"))


def test_a_cloud_endpoint_is_its_protocol_and_nothing_around_it() -> None:
    endpoint = Endpoint(name="openai", base_url="https://example.com/v1", api_key="k")

    assert isinstance(build(endpoint), Wired)


def test_an_unknown_protocol_is_said() -> None:
    endpoint = Endpoint(name="claude", base_url="https://x", protocol="smoke-signals")

    with pytest.raises(ConfigError, match=r"\[providers.claude\].*none that ion speaks"):
        build(endpoint)


@pytest.mark.parametrize(
    ("mode", "text"),
    [
        ("text", '<tool_call>{"name": "read", "arguments": {"path": "a.py"}}</tool_call>'),
        ("constrained", '{"tool": "read", "path": "a.py"}'),
    ],
)
async def test_each_tool_mode_makes_the_same_call(
    tmp_path: Path, mode: ToolMode, text: str
) -> None:
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"text": text}]))
    provider = build(_endpoint(mode, str(script)))

    message = await _ask(provider)
    await provider.aclose()

    assert [(call.name, call.arguments) for call in message.calls] == [("read", {"path": "a.py"})]
    assert message.stop == "tool_use"


async def test_a_native_model_elsewhere_is_taken_at_its_word(tmp_path: Path) -> None:
    script = tmp_path / "script.json"
    text = '```json\n{"name": "read", "arguments": {"path": "a.py"}}\n```'
    script.write_text(json.dumps([{"text": text}]))

    message = await _ask(build(_endpoint("native", str(script))))

    assert message.text == text
    assert not any(isinstance(part, ToolCall) for part in message.parts)
