"""What the 400s of chat completions teach.

Sources: the vendors' error texts as recorded or documented, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ion_core.providers.heal import Lesson, refusing, sent
from ion_core.providers.quirks import Quirks

_EFFORTS = (
    "reasoning_effort",
    "reasoning",
    "thinking",
    "enable_thinking",
    "chat_template_kwargs",
)

WEAKER = {
    "max": "xhigh",
    "xhigh": "high",
    "none": "minimal",
    "minimal": "low",
    "low": "medium",
    "medium": "high",
}
"""What to ask for instead of a word for effort that a model does not know: step by step, the
nearest one that it does."""


def _weaker(word: str, than: str) -> Lesson[Quirks]:
    return Lesson(
        f"not {word}",
        rf"(?s)effort.*['\"`]{word}['\"`].*support|['\"`]{word}['\"`].*effort"
        rf"|(?:unsupported|invalid).*effort.*\b{word}\b",
        lambda body, _: _asked(body) == word,
        lambda quirks: replace(quirks, efforts=_instead(quirks.efforts, word, than)),
    )


def _asked(body: Mapping[str, Any]) -> str:
    inner = body.get("reasoning")
    said = inner.get("effort") if isinstance(inner, dict) else body.get("reasoning_effort")
    return said if isinstance(said, str) else ""


def _instead(efforts: Mapping[str, str], word: str, than: str) -> dict[str, str]:
    known = {ours: than if theirs == word else theirs for ours, theirs in efforts.items()}
    return {word: than, **known}


def _without_thinking(quirks: Quirks) -> dict[str, Any]:
    return {name: value for name, value in quirks.fields.items() if name not in _EFFORTS}


def _says(body: Mapping[str, Any], content: str | None) -> bool:
    silent = (message for message in body["messages"] if message["role"] == "assistant")
    return any("content" in message and message["content"] == content for message in silent)


LESSONS: tuple[Lesson[Quirks], ...] = (
    Lesson(
        "completion tokens",
        refusing("max_tokens"),
        sent("max_tokens"),
        lambda quirks: replace(quirks, max_tokens="max_completion_tokens"),
    ),
    Lesson(
        "tokens",
        refusing("max_completion_tokens"),
        sent("max_completion_tokens"),
        lambda quirks: replace(quirks, max_tokens="max_tokens"),
    ),
    Lesson(
        "no developer",
        r"developer|unknown role|invalid role",
        lambda _, quirks: quirks.system_role == "developer",
        lambda quirks: replace(quirks, system_role="system"),
    ),
    Lesson(
        "no system",
        r"'system'|system role|role.*\bsystem\b",
        lambda _, quirks: quirks.system_role == "system",
        lambda quirks: replace(quirks, system_role="user"),
    ),
    Lesson(
        "no stream options",
        r"stream_options|include_usage",
        sent("stream_options"),
        lambda quirks: replace(quirks, stream_usage=False),
    ),
    Lesson(
        "no temperature",
        refusing("temperature"),
        sent("temperature"),
        lambda quirks: replace(quirks, temperature=False),
    ),
    Lesson(
        # DashScope: some of its models think only when they are streamed.
        "no thought in one piece",
        r"enable_thinking must be (?:set to )?false",
        lambda body, _: body.get("enable_thinking") is not False,
        lambda quirks: replace(
            quirks, effort="none", fields={**quirks.fields, "enable_thinking": False}
        ),
    ),
    Lesson(
        # DeepSeek and Kimi, also behind gateways that the table does not know.
        "thoughts with calls",
        r"reasoning_content.{0,60}(?:must be (?:passed|provided|included)|is missing|is required)",
        lambda _, quirks: not quirks.empty_reasoning,
        lambda quirks: replace(quirks, replay="fields", empty_reasoning="reasoning_content"),
    ),
    *(_weaker(word, than) for word, than in WEAKER.items()),
    Lesson(
        "no effort",
        r"reasoning_effort|reasoning\.effort|effort|does not support (reasoning|thinking)"
        r"|['\"`](thinking|reasoning)['\"`]|invalid thinking"
        r"|enable_thinking|clear_thinking|chat_template_kwargs",
        lambda body, _: any(field in body for field in _EFFORTS),
        lambda quirks: replace(quirks, effort="none", fields=_without_thinking(quirks), off={}),
    ),
    Lesson(
        "no tool stream",
        r"tool_stream",
        sent("tool_stream"),
        lambda quirks: replace(quirks, tool_fields={}),
    ),
    Lesson(
        "no replay",
        r"reasoning_content|reasoning_details|['\"`]reasoning['\"`]|thought|signature",
        lambda body, quirks: quirks.replay != "none" and _replays(body),
        lambda quirks: replace(quirks, replay="none", empty_reasoning=""),
    ),
    Lesson(
        "no cache key",
        r"prompt_cache_key|session_id",
        lambda body, quirks: quirks.cache_key in body,
        lambda quirks: replace(quirks, cache_key=""),
    ),
    Lesson(
        "no marks",
        r"cache_control",
        lambda _, quirks: quirks.marks != "none",
        lambda quirks: replace(quirks, marks="none"),
    ),
    Lesson(
        "nine letters",
        r"tool call id.*length of 9",
        lambda _, quirks: quirks.call_id_size == 0,
        lambda quirks: replace(quirks, call_id_size=9),
    ),
    Lesson(
        "somebody in between",
        r"role '?user'? after role '?tool|user.{0,30}(?:right |directly )?after.{0,10}tool",
        lambda _, quirks: not quirks.assistant_after_tool,
        lambda quirks: replace(quirks, assistant_after_tool=True),
    ),
    Lesson(
        "no null",
        r"content.*(?:null|<nil>|none\b|required|must be a string|valid string)",
        lambda body, _: _says(body, None),
        lambda quirks: replace(quirks, empty_content="empty"),
    ),
    Lesson(
        "no empty content",
        r"content.*(?:empty|blank)",
        lambda body, _: _says(body, ""),
        lambda quirks: replace(quirks, empty_content="omit"),
    ),
    Lesson(
        "no strict schema",
        r"strict|invalid schema for response_format",
        lambda body, _: "'strict': True" in str(body.get("response_format")),
        lambda quirks: replace(quirks, strict=False),
    ),
    Lesson(
        "no schema",
        r"response_format|json_schema|json mode",
        sent("response_format"),
        lambda quirks: replace(quirks, schema=False),
    ),
    Lesson(
        "no images",
        r"image|vision|multimodal|content.*must be a string",
        lambda body, _: "image_url" in str(body["messages"]),
        lambda quirks: replace(quirks, images=False),
    ),
)


def _replays(body: Mapping[str, Any]) -> bool:
    fields = ("reasoning_content", "reasoning", "reasoning_text", "reasoning_details")
    return any(field in message for message in body["messages"] for field in fields)
