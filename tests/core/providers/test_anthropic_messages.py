"""How a conversation is written for the Messages API."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ion_core.ids import CallId
from ion_core.messages import Image, Message, Reasoning, Text, ToolCall, ToolResult, user
from ion_core.providers.anthropic_answer import AnthropicAnswer
from ion_core.providers.anthropic_quirks import AnthropicQuirks
from ion_core.providers.anthropic_wire import messages_body
from ion_core.providers.base import ModelInfo, PartDone, Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.wire_json import encoded
from tests.fakes.values import messages as any_message

HOME = Endpoint(
    name="anthropic", base_url="https://api.anthropic.com", protocol="anthropic-messages"
)
MODEL = "claude-opus-5-5"
OWN = HOME.origin(MODEL)
BARE = AnthropicQuirks(cache=False)


def blobs(sha256: str) -> bytes:
    if sha256 == "gone":
        raise FileNotFoundError(sha256)
    return b"picture"


def written(
    *messages: Message, quirks: AnthropicQuirks = BARE, endpoint: Endpoint = HOME, **request: Any
) -> list[dict[str, Any]]:
    asked = Request(model=MODEL, system="", messages=messages, **request)
    return messages_body(asked, endpoint, quirks, blobs=blobs)["messages"]


def answer(*parts: Any, own: bool = True, **changes: Any) -> Message:
    origin = OWN if own else replace(OWN, model="another")
    return Message(role="assistant", parts=parts, origin=origin, **changes)


def called(id_: str, name: str = "read", **arguments: Any) -> ToolCall:
    return ToolCall(id=CallId(id_), name=name, arguments=arguments)


def results(*ids: str, **changes: Any) -> Message:
    made = {"name": "read", "status": "ok", "content": "done", **changes}
    return Message(role="tool", parts=tuple(ToolResult(call=CallId(id_), **made) for id_ in ids))


def test_a_conversation_is_written_block_by_block() -> None:
    own = answer(Reasoning(text="hm", signature="s"), Text(text="I look."), called("t1", path="a"))
    assert written(user("hello"), own, results("t1"), user("and now?")) == [
        {"role": "user", "content": [{"type": "text", "text": "hello"}]},
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm", "signature": "s"},
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": "t1", "name": "read", "input": {"path": "a"}},
            ],
        },
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t1", "content": "done"},
                {"type": "text", "text": "and now?"},
            ],
        },
    ]


def test_all_results_of_an_answer_come_in_one_message_before_any_words() -> None:
    asked = answer(called("a"), called("b"), called("c"))
    *_, last = written(user("x"), asked, results("b"), results("a"), user("hurry"))
    kinds = [(block["type"], block.get("tool_use_id")) for block in last["content"]]
    assert kinds[:3] == [("tool_result", id_) for id_ in "abc"]
    assert kinds[3] == ("text", None)
    assert last["content"][2]["is_error"]


def test_thoughts_of_another_origin_are_left_out() -> None:
    other = answer(Reasoning(text="hm", signature="s"), Text(text="Hello."), own=False)
    assert written(user("x"), other, user("y"))[1]["content"] == [
        {"type": "text", "text": "Hello."}
    ]


def test_a_sealed_thought_and_the_servers_blocks_go_back_as_they_came() -> None:
    sealed = {"type": "redacted_thinking", "data": "xyz"}
    used = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    kept = [Reasoning(text="", opaque={"block": block}) for block in (sealed, used)]
    own, other = (answer(*kept, Text(text="ok"), own=own) for own in (True, False))
    assert written(user("x"), own, user("y"))[1]["content"][:2] == [sealed, used]
    assert len(written(user("x"), other, user("y"))[1]["content"]) == 1


def test_a_thought_without_a_signature_goes_only_where_nobody_checks_it() -> None:
    thinking = answer(Reasoning(text="hm"), called("t"))
    assert written(user("x"), thinking, results("t"))[1]["content"][0]["type"] == "tool_use"
    loose = replace(BARE, unsigned=True)
    first = written(user("x"), thinking, results("t"), quirks=loose)[1]["content"][0]
    assert first == {"type": "thinking", "thinking": "hm", "signature": ""}


def test_no_thoughts_go_back_after_they_were_refused_once() -> None:
    own = answer(Reasoning(text="hm", signature="s"), Text(text="ok"))
    unheard = written(user("x"), own, user("y"), quirks=replace(BARE, replay=False))
    assert unheard[1]["content"] == [{"type": "text", "text": "ok"}]


def test_nothing_empty_is_sent_and_an_answer_ends_without_white_space() -> None:
    blank = answer(Text(text=" \n"), Reasoning(text="", signature="s"))
    spaced = answer(Text(text="  a "), Text(text="\n"), Text(text="b \n"))
    assert written(user("x"), blank, user(""), user("y"), spaced, user("z")) == [
        {"role": "user", "content": [{"type": "text", "text": t} for t in ("x", "y")]},
        {"role": "assistant", "content": [{"type": "text", "text": t} for t in ("  a ", "b")]},
        {"role": "user", "content": [{"type": "text", "text": "z"}]},
    ]


def test_an_answer_does_not_end_with_a_thought() -> None:
    own = answer(Text(text="so"), Reasoning(text="hm", signature="s"))
    assert written(user("x"), own, user("y"))[1]["content"] == [{"type": "text", "text": "so"}]


def test_a_person_begins_and_ends() -> None:
    roles = [message["role"] for message in written(answer(Text(text="Hello.")))]
    assert roles == ["user", "assistant", "user"]
    assert [message["role"] for message in written()] == ["user"]


def test_a_paused_answer_goes_back_as_the_last_message() -> None:
    used = {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {}}
    paused = answer(Reasoning(text="", opaque={"block": used}), stop="pause")
    assert written(user("x"), paused)[-1] == {"role": "assistant", "content": [used]}


def test_images_go_where_they_can_be_seen() -> None:
    picture = Image(media_type="image/png", sha256="a")
    shown = Message(role="user", parts=(Text(text="this:"), picture))
    looked = results("t", content="1 image", images=(picture,))
    body = written(shown, answer(called("t")), looked)
    source = {"type": "base64", "media_type": "image/png", "data": "cGljdHVyZQ=="}
    assert body[0]["content"][1] == {"type": "image", "source": source}
    inner = body[2]["content"][0]["content"]
    assert [block["type"] for block in inner] == ["text", "image"]


@pytest.mark.parametrize(
    ("quirks", "image"),
    [
        (replace(BARE, images=False), Image(media_type="image/png", sha256="a")),
        (replace(BARE, vision=False), Image(media_type="image/png", sha256="a")),
        (BARE, Image(media_type="image/tiff", sha256="a")),
        (BARE, Image(media_type="image/png", sha256="gone")),
    ],
)
def test_an_image_that_cannot_be_shown_becomes_words(quirks: AnthropicQuirks, image: Image) -> None:
    [shown] = written(Message(role="user", parts=(image,)), quirks=quirks)
    assert [block["type"] for block in shown["content"]] == ["text"]


def test_a_model_that_is_known_to_see_sees() -> None:
    seeing = replace(HOME, models={MODEL: ModelInfo(provider="p", id=MODEL, vision=True)})
    shown = Message(role="user", parts=(Image(media_type="image/png", sha256="a"),))
    [body] = written(shown, quirks=replace(BARE, vision=False), endpoint=seeing)
    assert body["content"][0]["type"] == "image"


def test_a_failed_call_says_so_in_words() -> None:
    failed = results("t", status="denied", content=" ")
    block = written(user("x"), answer(called("t")), failed)[-1]["content"][0]
    assert block["is_error"]
    assert block["content"].strip()
    silent = written(user("x"), answer(called("t")), results("t", content=""))[-1]["content"][0]
    assert silent == {"type": "tool_result", "tool_use_id": "t"}


def test_a_call_that_could_not_be_read_goes_back_as_it_was_written() -> None:
    broken = ToolCall(id=CallId("t"), name="read", arguments={}, malformed='{"a')
    block = written(user("x"), answer(broken), results("t"))[1]["content"][0]
    assert block["input"] == {"INVALID_JSON": '{"a'}


def test_ids_that_other_vendors_reuse_become_different_ones() -> None:
    turn = [answer(called("functions.read:0"), own=False), results("functions.read:0")]
    body = written(user("x"), *turn, user("more"), *turn)
    ids = [block["id"] for m in body for block in m["content"] if block["type"] == "tool_use"]
    answers = [b["tool_use_id"] for m in body for b in m["content"] if b["type"] == "tool_result"]
    assert ids == answers
    assert len(set(ids)) == 2
    assert body[:2] == written(user("x"), *turn)[:2]


def test_a_name_that_a_model_made_up_is_made_legal() -> None:
    odd = answer(called("a", "functions.read"), called("b", ""), called("c", "x" * 99))
    names = [block["name"] for block in written(user("x"), odd)[1]["content"]]
    assert names == ["functions_read", "unknown", "x" * 64]


def test_what_an_answer_said_is_written_as_the_answer_that_it_was() -> None:
    blocks = [
        {"type": "thinking", "thinking": "hm", "signature": "s"},
        {"type": "redacted_thinking", "data": "xyz"},
        {"type": "text", "text": "I look."},
        {"type": "server_tool_use", "id": "s", "name": "web_search", "input": {"query": "x"}},
        {"type": "web_search_tool_result", "tool_use_id": "s", "content": []},
        {"type": "thinking", "thinking": "", "signature": "t"},
        {"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": "a"}},
    ]
    reader = AnthropicAnswer()
    body = {"id": "m", "content": blocks, "stop_reason": "tool_use"}
    chunks = [*reader.whole(body), *reader.parts()]
    parts = [chunk.part for chunk in chunks if isinstance(chunk, PartDone)]
    assert written(user("x"), answer(*parts), results("toolu_1"))[1]["content"] == blocks


conversations = st.lists(any_message, max_size=8)
own_or_not = st.booleans()


@settings(max_examples=150, deadline=None)
@given(conversations, own_or_not, st.booleans())
def test_any_conversation_becomes_one_that_the_api_accepts(
    said: list[Message], own: bool, loose: bool
) -> None:
    messages = [
        replace(m, origin=OWN) if own and m.role == "assistant" else m
        for m in said
    ]  # fmt: skip
    body = written(*messages, quirks=replace(BARE, unsigned=loose))
    encoded(body)
    assert body[0]["role"] == body[-1]["role"] == "user" or messages[-1].stop == "pause"
    seen: set[str] = set()
    for before, message in zip([None, *body], body, strict=False):
        assert before is None or before["role"] != message["role"]
        assert message["content"]
        _assert_legal(message["content"])
        ids = _ids(message, "tool_use", "id")
        assert not seen & set(ids)
        seen |= set(ids)
        asked = _ids(before, "tool_use", "id") if before else []
        assert _ids(message, "tool_result", "tool_use_id") == asked
        kinds = [block["type"] == "tool_result" for block in message["content"]]
        assert kinds == sorted(kinds, reverse=True)


def _ids(message: dict[str, Any], kind: str, field: str) -> list[str]:
    return [block[field] for block in message["content"] if block["type"] == kind]


def _assert_legal(blocks: list[dict[str, Any]]) -> None:
    for block in blocks:
        match block["type"]:
            case "text":
                assert block["text"].strip()
            case "tool_use":
                assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", block["id"])
                assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", block["name"])
            case "tool_result":
                assert block.get("content") != ""
                assert "is_error" not in block or block["content"]
    assert blocks[-1]["type"] != "thinking"
