"""Parts of Google's Gemini API, and calls with their results, as Gemini CLI writes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ion_core.ids import CallId
from ion_core.messages import (
    Display,
    Image,
    Message,
    Origin,
    Part,
    Reasoning,
    Status,
    Text,
    ToolCall,
    ToolResult,
)
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.wire import (
    Record,
    arguments,
    compact,
    count,
    listed,
    picture,
    record,
    words,
)
from ion_core.usage import Usage

_STATUS: Mapping[str, Status] = {"success": "ok", "error": "error", "cancelled": "cancelled"}


def asked(content: Any, blobs: Blobs) -> tuple[Part, ...]:
    """A text, a part, or a list of either."""
    items = content if isinstance(content, list) else [content]
    parts = [_part(item, blobs) for item in items if item]
    return tuple(part for part in parts if not isinstance(part, Text) or part.text)


def answer_of(message: Record, blobs: Blobs) -> Message:
    """What the model thought, said and called."""
    thoughts = [_thought(each) for each in listed(message.get("thoughts") or [])]
    calls = [_call(each) for each in listed(message.get("toolCalls") or [])]
    return Message(
        role="assistant",
        parts=(*thoughts, *asked(message.get("content") or "", blobs), *calls),
        origin=Origin(
            protocol="google",
            provider="google",
            base_url="",
            model=words(message.get("model") or ""),
        ),
        stop="tool_use" if calls else "end_turn",
        usage=_usage(message.get("tokens")),
    )


def results_of(message: Record, blobs: Blobs) -> list[ToolResult]:
    """The results of the message's own calls, of those that ended."""
    calls = listed(message.get("toolCalls") or [])
    return [_result(call, blobs) for call in calls if call.get("status") in _STATUS]


def _part(item: Any, blobs: Blobs) -> Part:
    if isinstance(item, str):
        return Text(text=item)
    part = record(item)
    if "text" in part:
        return Text(text=words(part["text"]))
    inline = part.get("inlineData")
    if isinstance(inline, dict) and str(inline.get("mimeType")).startswith("image/"):
        return picture(inline["data"], blobs)
    return Text(text=compact(part))


def _thought(thought: Record) -> Reasoning:
    subject, told = thought.get("subject") or "", thought.get("description") or ""
    return Reasoning(text=f"**{subject}**\n{told}" if subject else words(told))


def _call(call: Record) -> ToolCall:
    told, malformed = arguments(call.get("args"))
    name = words(call["name"])
    return ToolCall(id=CallId(words(call["id"])), name=name, arguments=told, malformed=malformed)


def _result(call: Record, blobs: Blobs) -> ToolResult:
    result = call.get("result")
    parts = [_told(item, blobs) for item in (result if isinstance(result, list) else [result])]
    shown = call.get("resultDisplay")
    diff = shown.get("fileDiff") if isinstance(shown, dict) else None
    return ToolResult(
        call=CallId(words(call["id"])),
        name=words(call["name"]),
        status=_STATUS[call["status"]],
        content="\n".join(part.text for part in parts if isinstance(part, Text)),
        images=tuple(part for part in parts if isinstance(part, Image)),
        display=Display(diff=diff) if isinstance(diff, str) else None,
    )


def _told(item: Any, blobs: Blobs) -> Part:
    """A part of a result; a function's answer is its output or its error."""
    if not item:
        return Text(text="")
    if isinstance(item, dict) and "functionResponse" in item:
        response = record(record(item["functionResponse"]).get("response") or {})
        said = response.get("output", response.get("error"))
        return Text(text=said if isinstance(said, str) else compact(response))
    return _part(item, blobs)


def _usage(tokens: Any) -> Usage | None:
    """Gemini counts cached tokens in the input, and thoughts beside the output."""
    if not isinstance(tokens, dict):
        return None
    cached, thoughts = count(tokens.get("cached")), count(tokens.get("thoughts"))
    return Usage(
        input=max(0, count(tokens.get("input")) - cached) + count(tokens.get("tool")),
        output=count(tokens.get("output")) + thoughts,
        cache_read=cached,
        reasoning=thoughts,
    )
