"""Responses of servers that follow the protocol loosely."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ion_core.providers.endpoint import Endpoint
from ion_core.providers.recorded import Understood, understood
from ion_core.providers.registry import wire


async def said(*events: dict[str, Any]) -> Understood:
    ending = {"type": "response.completed", "response": {"status": "completed"}}
    body = b"".join(f"data: {json.dumps(event)}\n\n".encode() for event in [*events, ending])
    endpoint = Endpoint(name="any", base_url="", protocol="openai-responses")
    return await understood(body, wire(endpoint))


def item(event: str, name: str, arguments: str) -> dict[str, Any]:
    call = {"type": "function_call", "call_id": "a", "name": name, "arguments": arguments}
    return {"type": f"response.output_item.{event}", "output_index": 0, "item": call}


def arguments(event: str, **text: str) -> dict[str, Any]:
    return {"type": f"response.function_call_arguments.{event}", "output_index": 0, **text}


TOLD = [
    arguments("delta", delta='{"path": 1}'),
    arguments("done", arguments='{"path": 1}'),
]


@pytest.mark.parametrize("last", ["{}", ""])
@pytest.mark.parametrize("told", TOLD, ids=["delta", "done"])
async def test_arguments_that_were_told_are_not_taken_back(told: dict[str, Any], last: str) -> None:
    answer = await said(item("added", "read", ""), told, item("done", "read", last))
    assert [call.arguments for call in answer.calls] == [{"path": 1}]


async def test_a_call_that_ends_without_its_name_keeps_it() -> None:
    answer = await said(item("added", "read", "{}"), item("done", "", '{"path": 1}'))
    assert [(call.name, call.arguments) for call in answer.calls] == [("read", {"path": 1})]


async def test_a_call_without_arguments_has_none() -> None:
    answer = await said(
        item("added", "read", ""), arguments("delta", delta="{}"), item("done", "read", "{}")
    )
    assert [call.arguments for call in answer.calls] == [{}]
