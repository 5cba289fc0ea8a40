"""Content blocks of Anthropic's Messages API, as Claude Code writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ion_core.ids import CallId
from ion_core.messages import Image, Part, Reasoning, Text, ToolCall, ToolResult
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.wire import Record, arguments, compact, listed, picture, words


def parts_of(blocks: list[Record], blobs: Blobs) -> tuple[Part, ...]:
    """What was said, thought and called; empty texts are none."""
    return tuple(part for block in blocks for part in _parts(block, blobs))


def results_of(blocks: list[Record], names: Mapping[str, str], blobs: Blobs) -> list[ToolResult]:
    """The results among the blocks; ``names`` tells which tool a call was of."""
    return [_result(block, names, blobs) for block in blocks if block.get("type") == "tool_result"]


def _parts(block: Record, blobs: Blobs) -> Iterator[Part]:
    match block["type"]:
        case "text":
            if block["text"]:
                yield Text(text=words(block["text"]))
        case "thinking":
            yield Reasoning(text=words(block["thinking"]), signature=block.get("signature"))
        case "redacted_thinking":
            yield Reasoning(text="", opaque=block)
        case "image" | "document":
            yield _shown(block, blobs)
        case "tool_use" | "server_tool_use" | "mcp_tool_use":
            told, malformed = arguments(block.get("input"))
            call = CallId(words(block["id"]))
            yield ToolCall(id=call, name=words(block["name"]), arguments=told, malformed=malformed)
        case kind:
            yield Text(text=f"[{kind}] {compact(block)}")


def _shown(block: Record, blobs: Blobs) -> Part:
    source = block.get("source") or {}
    if block["type"] == "image" and source.get("type") == "base64":
        return picture(source["data"], blobs)
    return Text(text=f"[{block['type']}: {source.get('url') or source.get('media_type') or '?'}]")


def _result(block: Record, names: Mapping[str, str], blobs: Blobs) -> ToolResult:
    call = words(block["tool_use_id"])
    parts = [_content(item, blobs) for item in listed(block.get("content") or "")]
    return ToolResult(
        call=CallId(call),
        name=names.get(call, ""),
        status="error" if block.get("is_error") else "ok",
        content="\n".join(part.text for part in parts if isinstance(part, Text)),
        images=tuple(part for part in parts if isinstance(part, Image)),
    )


def _content(item: Record, blobs: Blobs) -> Part:
    kind: Any = item.get("type")
    if kind == "text":
        return Text(text=words(item["text"]))
    return _shown(item, blobs) if kind == "image" else Text(text=compact(item))
