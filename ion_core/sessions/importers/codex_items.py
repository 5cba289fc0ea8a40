"""Items of OpenAI's Responses API, as Codex writes them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ion_core.ids import CallId
from ion_core.messages import Image, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.wire import (
    Record,
    arguments,
    compact,
    listed,
    picture,
    record,
    words,
)

_NOT_ASKED = (
    "<environment_context>",
    "<user_instructions>",
    "<permissions instructions>",
    "<INSTRUCTIONS>",
    "# AGENTS.md instructions",
)
"""How the texts begin that Codex itself puts among the person's."""


def asked(item: Record, blobs: Blobs) -> tuple[Part, ...]:
    """What the person said; nothing where it was the program's."""
    if item.get("role") != "user":
        return ()
    parts = tuple(_shown(block, blobs) for block in listed(item["content"]))
    return tuple(
        part
        for part in parts
        if not (isinstance(part, Text) and part.text.lstrip().startswith(_NOT_ASKED))
    )


def answer_parts(item: Record, kind: str, names: dict[str, str], number: int) -> list[Part]:
    """What an item adds to an answer; ``names`` learns which tool a call is of."""
    match kind:
        case "message":
            return [Text(text=words(block["text"])) for block in listed(item["content"])]
        case "reasoning":
            return [_reasoning(item)]
        case "function_call" | "custom_tool_call" | "local_shell_call" | "tool_search_call":
            call = _call(item, kind, number)
            names[call.id] = call.name
            return [call]
        case "web_search_call":
            query = (item.get("action") or {}).get("query") or ""
            return [Text(text=f"[Searched the web: {query}]")]
        case _:
            return []


def result_of(item: Record, kind: str, names: dict[str, str], blobs: Blobs) -> ToolResult | None:
    """The result that an item is, if it is one."""
    if not kind.endswith("_output"):
        return None
    call = words(item["call_id"])
    content, images, failed = _output(item.get("output"), blobs)
    return ToolResult(
        call=CallId(call),
        name=names.pop(call, ""),
        status="error" if failed else "ok",
        content=content,
        images=images,
    )


def _call(item: Record, kind: str, number: int) -> ToolCall:
    call = CallId(words(item.get("call_id") or item.get("id") or f"call-{number}"))
    if kind == "local_shell_call":
        action = record(item.get("action") or {})
        return ToolCall(id=call, name="local_shell", arguments=action)
    if kind == "custom_tool_call":
        return ToolCall(id=call, name=words(item["name"]), arguments={"input": item.get("input")})
    told, malformed = arguments(item.get("arguments"))
    name = words(item.get("name") or kind.removesuffix("_call"))
    return ToolCall(id=call, name=name, arguments=told, malformed=malformed)


def _reasoning(item: Record) -> Reasoning:
    told = list(_texts(item.get("summary"))) + list(_texts(item.get("content")))
    opaque = {"encrypted_content": item["encrypted_content"]} if _sealed(item) else None
    return Reasoning(text="\n\n".join(told), opaque=opaque)


def _sealed(item: Record) -> bool:
    return isinstance(item.get("encrypted_content"), str)


def _texts(blocks: Any) -> Iterator[str]:
    yield from (words(block.get("text") or "") for block in listed(blocks or []))


def _output(output: Any, blobs: Blobs) -> tuple[str, tuple[Image, ...], bool]:
    """Words, pictures and whether it failed: a text, JSON in a text, blocks, or an object."""
    if isinstance(output, str) and output.startswith('{"output":'):
        wrapped, _ = arguments(output)
        code = (wrapped.get("metadata") or {}).get("exit_code")
        if isinstance(wrapped.get("output"), str):
            return wrapped["output"], (), bool(code)
    if isinstance(output, dict):
        content = output.get("content")
        failed = output.get("success") is False
        return content if isinstance(content, str) else compact(output), (), failed
    parts = [_shown(block, blobs) for block in listed(output or "")]
    said = "\n".join(part.text for part in parts if isinstance(part, Text))
    return said, tuple(part for part in parts if isinstance(part, Image)), False


def _shown(block: Record, blobs: Blobs) -> Part:
    url = block.get("image_url")
    if isinstance(url, str) and url.startswith("data:"):
        return picture(url, blobs)
    return Text(text=words(block["text"]) if "text" in block else compact(block))
