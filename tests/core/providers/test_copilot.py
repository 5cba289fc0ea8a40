"""Copilot's models are each spoken to in their own way."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from ion_core.errors import BadRequest
from ion_core.messages import Message, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import Provider, Request
from ion_core.providers.copilot import Copilot, usual_protocol
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import build, wire
from ion_core.providers.wired import Wired
from tests.fakes import anthropic_server, chat_server, responses_server

ENDPOINT = Endpoint(name="copilot", base_url="https://api.githubcopilot.com", api_key="gho_x")


class Served:
    """Copilot's server: each model at the paths that are named for it."""

    def __init__(self, **paths: str) -> None:
        self._paths = paths
        self.asked: list[str] = []
        self.headers: list[httpx.Headers] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        self.asked.append(path)
        self.headers.append(request.headers)
        if request.method == "GET":
            return httpx.Response(200, json={"data": [{"id": "gpt-6"}]})
        model = json.loads(request.content)["model"]
        if self._paths[model] != path:
            error = {
                "message": f'model "{model}" is not accessible via the {path} endpoint',
                "code": "unsupported_api_for_model",
            }
            return httpx.Response(400, json={"error": error})
        said = {
            "/responses": responses_server.said,
            "/chat/completions": chat_server.said,
            "/v1/messages": anthropic_server.said,
        }
        return httpx.Response(200, content=b"".join(said[path]("Hello.").pieces))

    def provider(self) -> Copilot:
        return Copilot(ENDPOINT, lambda way: Wired(way, wire(way), None, self.transport))


async def ask(provider: Provider, model: str) -> Message:
    assembly = Assembly()
    request = Request(model=model, system="s", messages=(user("x"),), max_output=100)
    async with provider.stream(request) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
    return assembly.message(provider.origin(model))


@pytest.mark.parametrize(
    ("model", "path", "protocol"),
    [
        ("gpt-6.1-sol", "/responses", "openai-responses"),
        ("gpt-5.3-codex", "/responses", "openai-responses"),
        ("gpt-4.1", "/chat/completions", "openai-chat"),
        ("gemini-4-argon", "/chat/completions", "openai-chat"),
        ("claude-sonnet-5", "/v1/messages", "anthropic-messages"),
    ],
)
async def test_each_model_is_asked_in_its_protocol(model: str, path: str, protocol: str) -> None:
    server = Served(**{model: path})
    message = await ask(server.provider(), model)
    assert message.text == "Hello."
    assert server.asked == [path]
    assert message.origin is not None
    assert message.origin.protocol == protocol == usual_protocol(model)
    [headers] = server.headers
    assert headers["x-initiator"] == "user"
    assert headers["authorization"] == "Bearer gho_x"


async def test_a_model_that_moved_is_found_and_remembered() -> None:
    server = Served(**{"gpt-5-mini": "/responses", "grok-9": "/v1/messages"})
    provider = server.provider()
    for model in ("gpt-5-mini", "grok-9"):
        assert (await ask(provider, model)).text == "Hello."
        assert (await ask(provider, model)).text == "Hello."
    await provider.aclose()
    assert server.asked == [
        "/chat/completions",
        "/responses",
        "/responses",
        "/chat/completions",
        "/responses",
        "/v1/messages",
        "/v1/messages",
    ]


async def test_a_model_that_is_nowhere_is_an_error() -> None:
    server = Served(x="/nowhere")
    with pytest.raises(BadRequest, match="not accessible"):
        await ask(server.provider(), "x")
    assert len(server.asked) == 3


async def test_its_models_are_listed_once() -> None:
    assert [model.id for model in await Served().provider().models()] == ["gpt-6"]


def test_a_copilot_is_built_for_its_address_and_for_no_other() -> None:
    assert isinstance(build(ENDPOINT), Copilot)
    own: dict[str, Any] = {"name": "x", "protocol": "openai-responses"}
    assert isinstance(build(Endpoint(base_url=ENDPOINT.base_url, **own)), Wired)
    assert isinstance(build(Endpoint(name="x", base_url="https://other.example")), Wired)
