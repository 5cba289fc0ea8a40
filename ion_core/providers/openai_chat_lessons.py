"""What the 400s of chat completions teach.

Sources: the vendors' error texts as recorded or documented, November 2026.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ion_core.providers.heal import Lesson, refusing, sent
from ion_core.providers.quirks import Quirks

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
        "no effort",
        r"reasoning_effort|reasoning\.effort|effort|does not support (reasoning|thinking)"
        r"|['\"`](thinking|reasoning)['\"`]",
        lambda body, _: any(
            field in body for field in ("reasoning_effort", "reasoning", "thinking")
        ),
        lambda quirks: replace(quirks, effort="none"),
    ),
    Lesson(
        "no replay",
        r"reasoning_content|reasoning_details|['\"`]reasoning['\"`]|thought|signature",
        lambda body, quirks: quirks.replay != "none" and _replays(body),
        lambda quirks: replace(quirks, replay="none", empty_reasoning=""),
    ),
    Lesson(
        "no cache key",
        r"prompt_cache_key",
        sent("prompt_cache_key"),
        lambda quirks: replace(quirks, cache_key=False),
    ),
    Lesson(
        "no strict schema",
        r"strict|invalid schema for response_format",
        lambda body, _: "'strict': True" in str(body.get("response_format")),
        lambda quirks: replace(quirks, strict=False),
    ),
    Lesson(
        "no schema",
        r"response_format|json_schema",
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
