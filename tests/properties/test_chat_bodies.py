"""Whatever was said, what is sent obeys the rules of chat completions."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ion_core.ids import CallId
from ion_core.messages import Message, Reasoning, Text, ToolCall, ToolResult
from ion_core.providers.base import ModelInfo, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_chat import ChatWire
from ion_core.providers.wire_json import encoded
from tests.fakes.values import words

URLS = (
    "https://api.openai.com/v1",
    "https://api.mistral.ai/v1",
    "https://api.moonshot.ai/v1",
    "https://openrouter.ai/api/v1",
    "https://api.cerebras.ai/v1",
    "http://127.0.0.1:8080/v1",
)
MODELS = ("m", "anthropic/claude-9")

ids = st.sampled_from(["a", "b", "c", "functions.x:0", "x" * 50]).map(CallId)
arguments = st.dictionaries(words, st.integers() | words, max_size=2)
calls = st.builds(ToolCall, id=ids, name=st.just("read"), arguments=arguments)
thoughts = st.builds(
    Reasoning,
    text=words,
    opaque=st.sampled_from([None, {"field": "reasoning"}, {"field": "content"}, {}]),
)
results = st.builds(ToolResult, call=ids, name=st.just("read"), status=st.just("ok"), content=words)
texts = st.builds(Text, text=words)


def _message(role: str, parts: Any) -> st.SearchStrategy[Message]:
    return st.builds(
        lambda found: Message(role=role, parts=tuple(found)),  # type: ignore[arg-type]
        st.lists(parts, max_size=3),
    )


def _distinct(message: Message) -> bool:
    """Ids are unique within one answer: whoever reads one sees to that."""
    return len({call.id for call in message.calls}) == len(message.calls)


conversations = st.lists(
    _message("user", texts)
    | _message("assistant", texts | thoughts | calls).filter(_distinct)
    | _message("tool", results),
    max_size=8,
)


@given(conversations, st.sampled_from(URLS), st.sampled_from(MODELS), st.booleans())
def test_any_conversation_becomes_one_that_a_server_takes(
    told: list[Message], url: str, model: str, own: bool
) -> None:
    info = ModelInfo(provider="any", id=model, vision=True)
    endpoint = Endpoint(name="any", base_url=url, models={model: info})
    origin = endpoint.origin(model) if own else None
    history = tuple(
        Message(role=m.role, parts=m.parts, origin=origin if m.role == "assistant" else None)
        for m in told
    )
    wire = ChatWire(endpoint)
    request = Request(model=model, system="s", messages=history)
    body = wire.post(request, wire.quirks(model), stream=True).body
    encoded(body)
    _obeys(body["messages"], nine="mistral" in url)


def _obeys(messages: list[dict[str, Any]], *, nine: bool) -> None:
    seen: set[str] = set()
    waiting: list[str] = []
    before = ""
    for message in messages:
        role = message["role"]
        assert not (role == before == "user"), "a person speaks twice in a row"
        if role == "tool":
            assert message["tool_call_id"] == waiting.pop(0), "each call is answered in order"
        else:
            assert not waiting, "a call is left without an answer"
        assert not (nine and (before, role) == ("tool", "user")), "nobody is between"
        for call in message.get("tool_calls", ()):
            assert call["id"] not in seen, "an id is used twice"
            assert not nine or (len(call["id"]) == 9 and call["id"].isalnum())
            seen.add(call["id"])
            waiting.append(call["id"])
        assert message.get("content") or message.get("tool_calls") or role == "tool", "empty"
        before = role
    assert not waiting
