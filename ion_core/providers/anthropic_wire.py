"""A request of ion's, as the JSON body of Anthropic's Messages API.

Pure: the quirks of the model decide how each wish is written, and what is left out. After the
conversation comes only what may differ each time, so that what was sent before is a prefix of what
is sent next.
"""

from __future__ import annotations

from typing import Any

from ion_core.providers.anthropic_cache import marked
from ion_core.providers.anthropic_messages import THOUGHTS, written_messages
from ion_core.providers.anthropic_quirks import AnthropicQuirks
from ion_core.providers.anthropic_thinking import thinking_fields
from ion_core.providers.base import Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.wire import Blobs


def messages_body(
    request: Request,
    endpoint: Endpoint,
    quirks: AnthropicQuirks,
    *,
    stream: bool = True,
    blobs: Blobs | None = None,
) -> dict[str, Any]:
    """The body of ``POST /v1/messages``. ``blobs`` gives the bytes of an image by its SHA-256;
    without it, images become words."""
    messages = written_messages(request, endpoint, quirks, blobs)
    info = endpoint.model(request.model)
    wanted = request.max_output or info.max_output or quirks.max_output
    most = min(wanted, quirks.most_output or wanted)
    thinking = thinking_fields(request, quirks, info, most, looping=_is_looping(messages))
    body: dict[str, Any] = {"model": request.model, "stream": stream}
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    if request.system.strip():
        body["system"] = [{"type": "text", "text": request.system}]
    body |= _joined(thinking, _format(request, quirks)) | _temperature(request, quirks, thinking)
    body |= {"messages": messages, "max_tokens": most} | endpoint.extra_body
    return marked(body) if quirks.cache else body


def _tool(tool: ToolSpec) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": tool.schema}


def _joined(thinking: dict[str, Any], form: dict[str, Any]) -> dict[str, Any]:
    config = thinking.get("output_config", {}) | form
    return thinking | {"output_config": config} if config else thinking


def _format(request: Request, quirks: AnthropicQuirks) -> dict[str, Any]:
    if request.schema is None or not quirks.schema:
        return {}
    # Start-up: few requests have a schema.
    from ion_core.providers.anthropic_schema import constraining, is_closed

    if not is_closed(request.schema):
        return {}
    return {"format": {"type": "json_schema", "schema": constraining(request.schema)}}


def _temperature(
    request: Request, quirks: AnthropicQuirks, thinking: dict[str, Any]
) -> dict[str, Any]:
    thinks = thinking.get("thinking", {}).get("type") in ("adaptive", "enabled")
    if request.temperature is None or thinks or not quirks.temperature:
        return {}
    return {"temperature": request.temperature}


def _is_looping(messages: list[dict[str, Any]]) -> bool:
    """Whether the last answer made calls without a thought before them: another model's did, or
    its thoughts could not go back."""
    answers = [message["content"] for message in messages if message["role"] == "assistant"]
    if not answers or messages[-1]["content"][0]["type"] != "tool_result":
        return False
    return answers[-1][0]["type"] not in THOUGHTS
