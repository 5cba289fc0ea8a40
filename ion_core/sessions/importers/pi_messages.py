"""Pi's messages as ion's: what was said, thought, called and run, and what it cost.

Fields: the types of Pi's packages ``ai`` and ``coding-agent``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ion_core.ids import CallId
from ion_core.messages import (
    Display,
    Image,
    Message,
    Origin,
    Part,
    Reasoning,
    StopReason,
    Text,
    ToolCall,
    ToolResult,
    answered,
    user,
)
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import Paid
from ion_core.sessions.importers.wire import (
    Record,
    arguments,
    count,
    listed,
    nano,
    picture,
    record,
    words,
)
from ion_core.usage import Usage

_PROTOCOLS = {
    "anthropic-messages": "anthropic",
    "openai-completions": "openai",
    "openai-responses": "responses",
    "google-generative-ai": "google",
}
_STOPS: Mapping[str, StopReason] = {
    "stop": "end_turn",
    "length": "max_tokens",
    "toolUse": "tool_use",
    "error": "error",
    "aborted": "interrupted",
}


def message_of(message: Record, blobs: Blobs) -> Message | None:
    """The message, None for one that no model ever read and nobody would miss."""
    match message["role"]:
        case "user" | "custom" | "hookMessage":
            parts = tuple(_part(block, blobs) for block in listed(message["content"]))
            return Message(role="user", parts=parts) if parts else None
        case "assistant":
            return _answer(message, blobs)
        case "toolResult":
            return answered(_result(message, blobs))
        case "bashExecution":
            return None if message.get("excludeFromContext") else user(_run(message))
        case "branchSummary" | "compactionSummary":
            return user(words(message["summary"]))
        case role:
            raise ValueError(f"{role!r} is no known role")


def payment_of(message: Record, usage: Usage, entry: str, at: float) -> Paid | None:
    """What an answer of so many tokens cost; None for none. A cost of 0 for tokens is no price."""
    if not usage.total:
        return None
    cost = nano(record(message["usage"].get("cost") or {}).get("total"))
    return Paid(
        entry=entry,
        provider=words(message.get("provider", "")),
        model=words(message.get("model", "")),
        usage=usage,
        cost_nano=cost or None,
        at=at,
    )


def _answer(message: Record, blobs: Blobs) -> Message | None:
    stop = _STOPS.get(message.get("stopReason", ""), "other")
    parts = tuple(_part(block, blobs) for block in listed(message["content"]))
    if not parts and stop not in ("error", "interrupted"):
        return None
    api = words(message.get("api", ""))
    return Message(
        role="assistant",
        parts=parts,
        origin=Origin(
            protocol=_PROTOCOLS.get(api, api),
            provider=words(message.get("provider", "")),
            base_url="",
            model=words(message.get("model", "")),
        ),
        stop=stop,
        usage=_usage(message),
    )


def _part(block: Record, blobs: Blobs) -> Part:
    match block["type"]:
        case "text":
            return Text(text=words(block["text"]))
        case "thinking":
            signature = block.get("thinkingSignature") or None
            return Reasoning(text=words(block["thinking"]), signature=signature)
        case "image":
            return picture(block["data"], blobs)
        case "toolCall":
            told, malformed = arguments(block["arguments"])
            name, call = words(block["name"]), CallId(words(block["id"]))
            return ToolCall(id=call, name=name, arguments=told, malformed=malformed)
        case kind:
            raise ValueError(f"{kind!r} is no known content")


def _usage(message: Record) -> Usage | None:
    told = message.get("usage")
    if not isinstance(told, dict):
        return None
    return Usage(
        input=count(told.get("input")),
        output=count(told.get("output")),
        cache_read=count(told.get("cacheRead")),
        cache_write=count(told.get("cacheWrite")),
    )


def _result(message: Record, blobs: Blobs) -> ToolResult:
    parts: Sequence[Part] = [_part(block, blobs) for block in listed(message["content"])]
    details = message.get("details")
    diff = details.get("diff") if isinstance(details, dict) else None
    return ToolResult(
        call=CallId(words(message["toolCallId"])),
        name=words(message.get("toolName", "")),
        status="error" if message.get("isError") else "ok",
        content="\n".join(part.text for part in parts if isinstance(part, Text)),
        images=tuple(part for part in parts if isinstance(part, Image)),
        display=Display(diff=diff) if isinstance(diff, str) else None,
    )


def _run(message: Record) -> str:
    output = words(message.get("output", "")).rstrip()
    lines = [f"I ran `{words(message['command'])}`:", "", "```", output, "```"]
    if message.get("exitCode"):
        lines.append(f"It ended with exit code {message['exitCode']}.")
    if message.get("cancelled"):
        lines.append("It was cancelled.")
    return "\n".join(lines)
