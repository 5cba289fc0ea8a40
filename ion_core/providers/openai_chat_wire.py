"""A request of ion's, as the JSON body of a chat completion.

Pure: the quirks of the model decide how each wish is written, and what is left out.
"""

from __future__ import annotations

from typing import Any

from ion_core.providers.base import Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_chat_messages import written_messages
from ion_core.providers.quirks import Quirks
from ion_core.providers.wire import Blobs


def chat_body(
    request: Request,
    endpoint: Endpoint,
    quirks: Quirks,
    *,
    stream: bool = True,
    blobs: Blobs | None = None,
) -> dict[str, Any]:
    """The body of ``POST /chat/completions``. ``blobs`` gives the bytes of an image by its SHA-256;
    without it, images become words."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": written_messages(request, endpoint, quirks, blobs),
    }
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    body |= _streaming(stream, quirks) | _limits(request, quirks)
    if request.schema is not None and quirks.schema:
        body["response_format"] = _response_format(request.schema, quirks)
    return body | endpoint.extra_body


def _tool(tool: ToolSpec) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.schema,
    }
    return {"type": "function", "function": function}


def _streaming(stream: bool, quirks: Quirks) -> dict[str, Any]:
    if not stream or not quirks.stream_usage:
        return {"stream": stream}
    return {"stream": True, "stream_options": {"include_usage": True}}


def _limits(request: Request, quirks: Quirks) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if request.max_output is not None:
        limits[quirks.max_tokens] = request.max_output
    if request.temperature is not None and quirks.temperature:
        limits["temperature"] = request.temperature
    if request.cache_key and quirks.cache_key:
        limits["prompt_cache_key"] = request.cache_key
    return limits | (_effort(request.effort, quirks) if request.effort else {})


def _effort(effort: str, quirks: Quirks) -> dict[str, Any]:
    off = effort in ("none", "off")
    match quirks.effort:
        case "none":
            return {}
        case "reasoning_effort":
            return {"reasoning_effort": effort}
        case "openrouter":
            return {"reasoning": {"effort": effort}}
        case "thinking":
            return {"thinking": {"type": "disabled" if off else "enabled"}}
        case "deepseek":
            thinking = {"thinking": {"type": "disabled" if off else "enabled"}}
            return thinking if off else thinking | {"reasoning_effort": effort}


def _response_format(schema: dict[str, Any], quirks: Quirks) -> dict[str, Any]:
    named: dict[str, Any] = {"name": "answer", "schema": schema}
    if quirks.strict and is_strict(schema):
        named["strict"] = True
    return {"type": "json_schema", "json_schema": named}


def is_strict(schema: Any) -> bool:
    """Whether OpenAI's strict mode takes a schema: every object names all its properties as
    required and allows no others."""
    match schema:
        case {"type": "object"}:
            properties = schema.get("properties", {})
            closed = schema.get("additionalProperties") is False
            required = set(schema.get("required", ())) == set(properties)
            return closed and required and all(map(is_strict, properties.values()))
        case dict():
            return all(map(is_strict, schema.values()))
        case list():
            return all(map(is_strict, schema))
        case _:
            return True
