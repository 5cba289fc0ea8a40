"""A request of ion's, as the JSON body of a chat completion.

Pure: the quirks of the model decide how each wish is written, and what is left out.
"""

from __future__ import annotations

from typing import Any

from ion_core.providers.base import Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_chat_marks import marked
from ion_core.providers.openai_chat_messages import written_messages
from ion_core.providers.quirks import Quirks
from ion_core.providers.typed_schema import typed
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
        "messages": marked(written_messages(request, endpoint, quirks, blobs), quirks.marks),
    }
    if request.tools:
        body["tools"] = [_tool(tool, quirks) for tool in request.tools]
    body |= _streaming(stream, quirks) | quirks.fields
    body |= (quirks.tool_fields if request.tools and stream else {}) | _limits(request, quirks)
    if request.schema is not None and quirks.schema:
        body["response_format"] = _response_format(request.schema, quirks)
    if endpoint.routing:
        body["provider"] = endpoint.routing
    return body | endpoint.extra_body


def chat_headers(request: Request, quirks: Quirks) -> dict[str, str]:
    """The headers beside those of the key. The id of a session keeps it on one server."""
    if not quirks.affinity or not request.cache_key:
        return quirks.headers
    return {**quirks.headers, quirks.affinity: request.cache_key}


def _tool(tool: ToolSpec, quirks: Quirks) -> dict[str, Any]:
    function = {
        "name": tool.name,
        "description": tool.description,
        "parameters": typed(tool.schema) if quirks.typed_schemas else tool.schema,
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
        limits[quirks.cache_key] = request.cache_key
    return limits | (_effort(request.effort, quirks) if request.effort else {})


def _effort(effort: str, quirks: Quirks) -> dict[str, Any]:
    word = "none" if effort == "off" else effort
    word = quirks.efforts.get(word, word)
    if word == "none" and quirks.off:
        return quirks.off
    match quirks.effort:
        case "none":
            return {}
        case "reasoning_effort":
            return {"reasoning_effort": word}
        case "openrouter":
            return {"reasoning": {"effort": word}}
        case "thinking":
            return _thinking(word, quirks)
        case "thinking_effort":
            said = {} if word == "none" else {"reasoning_effort": word}
            return _thinking(word, quirks) | said
        case "enable_thinking":
            return {"enable_thinking": word != "none"}


def _thinking(word: str, quirks: Quirks) -> dict[str, Any]:
    if word == "none":
        return {"thinking": {"type": "disabled"}}
    return {"thinking": {**quirks.fields.get("thinking", {}), "type": "enabled"}}


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
