"""A request of ion's, as the JSON body of a Responses request.

Pure and stateless: nothing is stored at the server, so that thoughts travel encrypted with the
conversation. The quirks of the model decide how each wish is written, and what is left out.
"""

from __future__ import annotations

from typing import Any

from ion_core.providers.base import Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.openai_responses_items import written_items
from ion_core.providers.openai_responses_quirks import ResponsesQuirks, nearest
from ion_core.providers.wire import Blobs

SEALED = "reasoning.encrypted_content"
LEAST_OUTPUT = 16
"""A smaller ``max_output_tokens`` is refused (OpenAI's API reference)."""
UNINSTRUCTED = "Answer the user."
"""Instructions for servers that want some, where there are none."""


def responses_body(
    request: Request,
    endpoint: Endpoint,
    quirks: ResponsesQuirks,
    *,
    stream: bool = True,
    blobs: Blobs | None = None,
) -> dict[str, Any]:
    """The body of ``POST /responses``. ``blobs`` gives the bytes of an image by its SHA-256;
    without it, images become words."""
    body: dict[str, Any] = {"model": request.model}
    body |= _instructions(request, quirks)
    if request.tools:
        body["tools"] = [_tool(tool, quirks) for tool in request.tools]
    body["input"] = written_items(request, endpoint, quirks, blobs)
    body["stream"] = stream or quirks.streams_only
    if quirks.store:
        body["store"] = False
    if quirks.sealed:
        body["include"] = [SEALED]
    efforts = quirks.efforts or endpoint.model(request.model).efforts
    body |= _limits(request, quirks) | _reasoning(request, quirks, efforts)
    if request.schema is not None and quirks.schema:
        body["text"] = {"format": _format(request.schema, quirks)}
    if endpoint.routing:
        body["provider"] = endpoint.routing
    return body | endpoint.extra_body


def _instructions(request: Request, quirks: ResponsesQuirks) -> dict[str, Any]:
    system = request.system or (UNINSTRUCTED if quirks.instructed else "")
    return {"instructions": system} if system and quirks.instructions else {}


def _tool(tool: ToolSpec, quirks: ResponsesQuirks) -> dict[str, Any]:
    written: dict[str, Any] = {
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": tool.schema,
    }
    # Left out, it would be true.
    return {**written, "strict": False} if quirks.tool_strict else written


def _limits(request: Request, quirks: ResponsesQuirks) -> dict[str, Any]:
    limits: dict[str, Any] = {}
    if request.max_output is not None and quirks.max_output:
        limits["max_output_tokens"] = max(LEAST_OUTPUT, request.max_output)
    if request.temperature is not None and quirks.temperature:
        limits["temperature"] = request.temperature
    if request.cache_key and quirks.cache_key:
        limits["prompt_cache_key"] = request.cache_key
    return limits


def _reasoning(
    request: Request, quirks: ResponsesQuirks, efforts: tuple[str, ...]
) -> dict[str, Any]:
    if not quirks.reasons:
        return {}
    wishes: dict[str, Any] = {}
    if request.effort:
        wishes["effort"] = nearest(request.effort, efforts)
    if quirks.summary and wishes.get("effort") != "none":
        wishes["summary"] = "auto"
    return {"reasoning": wishes} if wishes else {}


def _format(schema: dict[str, Any], quirks: ResponsesQuirks) -> dict[str, Any]:
    from ion_core.providers.openai_chat_wire import is_strict  # start-up: few requests need it

    strict = quirks.strict and is_strict(schema)
    return {"type": "json_schema", "name": "answer", "schema": schema, "strict": strict}
