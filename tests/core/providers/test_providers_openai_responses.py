"""A Responses provider and its server: what refusals teach, what failures are, what is listed."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from ion_core.errors import (
    BadRequest,
    ContextOverflow,
    Overloaded,
    ProviderError,
    QuotaExceeded,
    RateLimited,
    Refused,
    StreamBroken,
    Unauthorised,
)
from ion_core.ids import CallId
from ion_core.messages import Image, Message, Reasoning, Text, ToolCall, ToolResult, user
from ion_core.providers.assemble import Assembly
from ion_core.providers.base import ModelInfo, Provider, Request, ToolSpec
from ion_core.providers.credential import Granted
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import build
from tests.fakes.chat_server import Canned, ChatServer, refused
from tests.fakes.responses_server import begin, call, end, event, message, reasoning, said
from tests.fakes.speakers import openai_responses

OPENAI = Endpoint(
    name="openai",
    protocol="openai-responses",
    base_url="https://api.openai.com/v1",
    models={"m": ModelInfo(provider="openai", id="m", vision=True)},
)
ORIGIN = OPENAI.origin("m")
READ = ToolSpec(name="read", description="Reads.", schema={"type": "object", "properties": {}})


class Played:
    """A server that refuses while ``minds`` finds fault with a body, and then answers."""

    def __init__(self, minds: Callable[[dict[str, Any]], str | dict[str, Any]]) -> None:
        self._minds = minds
        self.bodies: list[dict[str, Any]] = []
        self.transport = httpx.MockTransport(self._answer)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        self.bodies.append(body)
        fault = self._minds(body)
        if fault:
            error = fault if isinstance(fault, dict) else {"error": {"message": fault}}
            return httpx.Response(400, json=error)
        return httpx.Response(200, content=b"".join(said("Hello.").pieces))


async def ask(provider: Provider, *messages: Message, **wishes: Any) -> Message:
    asked = {"model": "m", "system": "s", "messages": messages or (user("x"),), **wishes}
    assembly = Assembly()
    async with provider.stream(Request(**asked)) as chunks:
        async for chunk in chunks:
            assembly.add(chunk)
    return assembly.message(provider.origin("m"))


def turn(sealed: str = "one", origin: Any = ORIGIN) -> list[Message]:
    call = ToolCall(id=CallId(f"call_{sealed}"), name="read", arguments={})
    thought = Reasoning(text="", opaque={"id": "rs_1", "encrypted_content": sealed})
    made = Message(role="assistant", parts=(thought, call), origin=origin, stop="tool_use")
    image = Image(media_type="image/png", sha256="a" * 64)
    result = ToolResult(call=call.id, name="read", status="ok", content="done", images=(image,))
    return [made, Message(role="tool", parts=(result,))]


UNSUPPORTED: dict[str, tuple[Callable[[dict[str, Any]], bool], str, dict[str, Any]]] = {
    "max_output_tokens": (
        lambda body: "max_output_tokens" in body,
        "Unsupported parameter: max_output_tokens",
        {"max_output": 9},
    ),
    "reasoning": (
        lambda body: "reasoning" in body,
        "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
        {"effort": "low"},
    ),
    "summary": (
        lambda body: "summary" in body.get("reasoning", {}),
        "Your organization must be verified to generate reasoning summaries.",
        {},
    ),
    "include": (
        lambda body: "include" in body,
        "Encrypted content is not supported with this model.",
        {},
    ),
    "prompt_cache_key": (
        lambda body: "prompt_cache_key" in body,
        "Unknown parameter: 'prompt_cache_key'.",
        {"cache_key": "s"},
    ),
    "schema": (
        lambda body: "text" in body,
        "Invalid parameter: 'text.format' of type 'json_schema' is not supported with this model.",
        {"schema": {"type": "object"}},
    ),
    "strict": (
        lambda body: any("strict" in tool for tool in body.get("tools", [])),
        "Unknown parameter: 'tools[0].strict'.",
        {"tools": (READ,)},
    ),
    "instructions": (
        lambda body: "instructions" in body,
        "Argument not supported: instructions",
        {},
    ),
    "store": (lambda body: "store" in body, "Unrecognized request argument supplied: store", {}),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
async def test_a_field_that_is_refused_is_left_out_from_then_on(name: str) -> None:
    minds, sentence, wishes = UNSUPPORTED[name]
    server = Played(lambda body: sentence if minds(body) else "")
    provider = openai_responses(OPENAI, None, server.transport)
    assert (await ask(provider, **wishes)).text == "Hello."
    assert (await ask(provider, **wishes)).text == "Hello."
    assert len(server.bodies) == 3


async def test_a_backend_that_says_it_in_a_detail_is_understood() -> None:
    detail = {"detail": "Unsupported parameter: max_output_tokens"}
    server = Played(lambda body: detail if "max_output_tokens" in body else "")
    await ask(openai_responses(OPENAI, None, server.transport), max_output=9)
    assert len(server.bodies) == 2


@pytest.mark.parametrize(
    ("sentence", "sent"),
    [
        (
            "Unsupported value: 'xhigh' is not supported with the 'm' model. Supported values are:"
            " 'low', 'medium', and 'high'.",
            "high",
        ),
        ('level "xhigh" not supported, valid levels: low, medium', "medium"),
        ("Invalid value: 'xhigh'. Supported values are: 'none' and 'minimal'.", "minimal"),
        ("body.reasoning.effort: Input should be 'low', 'medium' or 'high'", "high"),
    ],
)
async def test_an_effort_that_is_refused_becomes_the_nearest_that_is_named(
    sentence: str, sent: str
) -> None:
    server = Played(lambda body: sentence if body["reasoning"]["effort"] == "xhigh" else "")
    provider = openai_responses(OPENAI, None, server.transport)
    await ask(provider, effort="xhigh")
    await ask(provider, effort="xhigh")
    assert [body["reasoning"]["effort"] for body in server.bodies] == ["xhigh", sent, sent]


def _sealed(body: dict[str, Any]) -> list[str]:
    return [item["encrypted_content"] for item in body["input"] if item["type"] == "reasoning"]


@pytest.mark.parametrize(
    "sentence",
    [
        "The encrypted content gAAA...Rg== could not be verified.",
        "Item 'rs_1' of type 'reasoning' was provided without its required following item.",
        "Item 'fc_1' of type 'function_call' was provided without its required 'reasoning' item:"
        " 'rs_1'.",
        "The encrypted content for item rs_1 could not be verified. Reason: Encrypted content could"
        " not be decrypted or parsed.",
    ],
)
async def test_thoughts_that_are_refused_are_dropped_and_later_ones_kept(sentence: str) -> None:
    server = Played(lambda body: sentence if "one" in _sealed(body) else "")
    provider = openai_responses(OPENAI, None, server.transport)
    await ask(provider, user("x"), *turn("one"))
    await ask(provider, user("x"), *turn("one"), *turn("two"))
    assert [_sealed(body) for body in server.bodies] == [["one"], [], ["two"]]


async def test_thoughts_that_are_refused_again_are_dropped_for_good() -> None:
    sentence = "The encrypted content could not be verified."
    server = Played(lambda body: sentence if _sealed(body) else "")
    provider = openai_responses(OPENAI, None, server.transport)
    for name in ("one", "two", "three"):
        await ask(provider, user("x"), *turn(name))
    assert [_sealed(body) for body in server.bodies] == [["one"], [], ["two"], [], []]


async def test_ids_are_sent_to_a_server_that_misses_them() -> None:
    def minds(body: dict[str, Any]) -> str:
        items = [item for item in body["input"] if item["type"] == "reasoning"]
        missing = any("id" not in item for item in items)
        return "Missing required parameter: 'input[1].id'." if missing else ""

    server = Played(minds)
    await ask(openai_responses(OPENAI, None, server.transport), user("x"), *turn())
    assert [_sealed(body) for body in server.bodies] == [["one"], ["one"]]


async def test_images_leave_results_first_and_prompts_then() -> None:
    def minds(body: dict[str, Any]) -> str:
        if any(isinstance(item.get("output"), list) for item in body["input"]):
            return "Invalid type for 'input[2].output': expected a string, but got an array."
        return "This model does not support image input." if "input_image" in str(body) else ""

    server = Played(minds)
    provider = openai_responses(OPENAI, None, server.transport, blobs=lambda _: b"png")
    await ask(provider, user("x"), *turn())
    assert len(server.bodies) == 3


async def test_a_refusal_that_teaches_nothing_is_raised_at_once() -> None:
    server = Played(lambda _: "The model 'm' does not exist.")
    with pytest.raises(BadRequest, match="does not exist"):
        await ask(openai_responses(OPENAI, None, server.transport))
    assert len(server.bodies) == 1


@pytest.mark.parametrize(
    ("code", "kind", "retryable"),
    [
        ("context_length_exceeded", ContextOverflow, False),
        ("insufficient_quota", QuotaExceeded, False),
        ("usage_not_included", QuotaExceeded, False),
        ("usage_limit_reached", QuotaExceeded, False),
        ("rate_limit_exceeded", RateLimited, True),
        ("server_is_overloaded", Overloaded, True),
        ("slow_down", Overloaded, True),
        ("server_error", Overloaded, True),
        ("cyber_policy", Refused, False),
        ("invalid_prompt", BadRequest, False),
        ("something_new", StreamBroken, True),
    ],
)
async def test_a_failed_response_is_the_error_that_its_code_says(
    code: str, kind: type[ProviderError], retryable: bool
) -> None:
    failed = end("failed", error={"code": code, "message": "Please try again in 1.5s."})
    stream = b"".join([*begin(), *message(0, "x"), *failed])
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=stream))
    with pytest.raises(ProviderError) as caught:
        await ask(openai_responses(OPENAI, None, transport))
    assert type(caught.value) is kind
    assert caught.value.retryable == retryable
    assert caught.value.retry_after == (None if kind is QuotaExceeded else 1.5)


async def test_a_full_plan_says_when_it_begins_anew() -> None:
    error = {"type": "usage_limit_reached", "message": "Reached", "resets_in_seconds": 5400}
    headers = {"x-codex-primary-used-percent": "100"}
    transport = httpx.MockTransport(
        lambda _: httpx.Response(429, json={"error": error}, headers=headers)
    )
    with pytest.raises(QuotaExceeded, match=r"resets at \d{4}-\d\d-\d\d \d\d:\d\d; use"):
        await ask(openai_responses(OPENAI, None, transport))


async def test_a_plan_without_codex_says_so() -> None:
    error = {"type": "usage_not_included", "message": "Not included"}
    transport = httpx.MockTransport(lambda _: httpx.Response(429, json={"error": error}))
    with pytest.raises(QuotaExceeded, match="plan does not include it"):
        await ask(openai_responses(OPENAI, None, transport))


@pytest.mark.parametrize("cut", range(2, 6))
async def test_a_stream_without_its_end_is_broken(cut: int) -> None:
    stream = [*begin(), *message(0, "Hel", "lo"), *end()][:cut]
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=b"".join(stream)))
    with pytest.raises(StreamBroken):
        await ask(openai_responses(OPENAI, None, transport))


async def test_a_server_that_never_streams_is_understood() -> None:
    content = [{"type": "output_text", "text": "Hello."}]
    output = [{"type": "message", "role": "assistant", "content": content}]
    body = {"id": "r", "object": "response", "status": "completed", "output": output}
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=body))
    assert (await ask(openai_responses(OPENAI, None, transport))).parts == (Text(text="Hello."),)


async def test_tools_are_not_streamed_where_they_cannot_be() -> None:
    asked: list[bool] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(json.loads(request.content)["stream"])
        return httpx.Response(200, json={"status": "completed", "output": []})

    info = ModelInfo(provider="p", id="m", tool_streaming=False)
    endpoint = Endpoint(name="p", base_url="http://h/v1", models={"m": info})
    provider = openai_responses(endpoint, None, httpx.MockTransport(answer))
    await ask(provider, tools=(READ,))
    await ask(provider)
    assert asked == [False, True]


async def test_a_codex_login_sends_its_headers_and_renews_its_token_once() -> None:
    seen: list[httpx.Headers] = []

    class Login:
        token = "old"

        async def grant(self) -> Granted:
            return Granted(key=self.token, headers={"chatgpt-account-id": "acc"})

        async def renew(self, refused: Granted) -> bool:
            self.token = "new"
            return refused.key == "old"

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        if request.headers["authorization"] == "Bearer old":
            return httpx.Response(401, json={"detail": "Unauthorized"})
        return httpx.Response(200, content=b"".join(said("Hello.").pieces))

    endpoint = Endpoint(name="chatgpt", base_url="https://chatgpt.com/backend-api/codex")
    provider = openai_responses(endpoint, Login(), httpx.MockTransport(answer))
    assert (await ask(provider, cache_key="s1")).text == "Hello."
    assert [h["authorization"] for h in seen] == ["Bearer old", "Bearer new"]
    assert (seen[1]["chatgpt-account-id"], seen[1]["session_id"]) == ("acc", "s1")
    with pytest.raises(Unauthorised):
        await ask(openai_responses(endpoint, _Never(), httpx.MockTransport(answer)))


class _Never:
    async def grant(self) -> Granted:
        return Granted(key="old")

    async def renew(self, refused: Granted) -> bool:
        return False


async def test_a_run_of_thirty_requests_only_ever_appends() -> None:
    """The stable part of each request is the beginning of the next (caches live on it)."""
    async with ChatServer([said("Next.", thoughts="hm", calls=[("read", {"n": 1})])]) as server:
        endpoint = Endpoint(
            name="p", protocol="openai-responses", base_url=server.base_url, models={}
        )
        provider = build(endpoint)
        messages: list[Message] = [user("Begin.")]
        for number in range(30):
            made = await ask(provider, *messages, tools=(READ,), cache_key="s")
            results = [
                ToolResult(call=call.id, name="read", status="ok", content=f"{number}")
                for call in made.calls
            ]
            messages += [made, Message(role="tool", parts=tuple(results))]
        await provider.aclose()
        bodies = server.chats
    for earlier, later in itertools.pairwise(bodies):
        assert later["input"][: len(earlier["input"])] == earlier["input"]
        assert {**earlier, "input": []} == {**later, "input": []}
    ids = [i["call_id"] for i in bodies[-1]["input"] if i["type"] == "function_call"]
    assert len(ids) == len(set(ids)) == 29


async def test_a_thought_without_words_keeps_its_place_at_a_local_server() -> None:
    items = [*reasoning(0), *message(1, "I look."), *reasoning(2), *call(3, "a", "read", "{}")]
    async with ChatServer([Canned(pieces=[*begin(), *items, *end()])]) as server:
        base_url = server.base_url
        provider = build(Endpoint(name="p", protocol="openai-responses", base_url=base_url))
        made = await ask(provider, tools=(READ,))
        await provider.aclose()
    assert [type(part) for part in made.parts] == [Reasoning, Text, Reasoning, ToolCall]


async def test_a_server_lists_its_models_and_refuses_with_its_words() -> None:
    async with ChatServer([refused(401, "Incorrect API key provided: sk-x")]) as server:
        provider = openai_responses(Endpoint(name="p", base_url=server.base_url))
        assert [model.id for model in await provider.models()] == ["fake"]
        with pytest.raises(Unauthorised, match="Incorrect API key"):
            await ask(provider)
        await provider.aclose()


async def test_an_error_event_after_words_is_raised_with_its_words() -> None:
    error = event("error", code="server_error", message="We are down.", param=None)
    stream = b"".join([*begin(), *message(0, "Hel")[:2], error])
    transport = httpx.MockTransport(lambda _: httpx.Response(200, content=stream))
    with pytest.raises(Overloaded, match="We are down"):
        await ask(openai_responses(OPENAI, None, transport))
