"""What a refused request teaches about a model.

Some 400s name the field that the server does not know. Each lesson changes one quirk, once per
model; the provider remembers the result and asks again. A refusal that teaches nothing stays an
error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from ion_core.providers.quirks import Quirks


class Lesson(Struct, frozen=True):
    """``changed`` is what a model wants whose 400 matches ``pattern``; it applies only to a request
    that ``concerns`` finds at fault."""

    name: str
    pattern: str
    concerns: Callable[[Mapping[str, Any], Quirks], bool]
    changed: Callable[[Quirks], Quirks]


def _sent(field: str) -> Callable[[Mapping[str, Any], Quirks], bool]:
    return lambda body, _: field in body


_REFUSED = (
    r"(?:unsupported|unknown|unrecogni[sz]ed|unexpected|extra|deprecated|instead|only"
    r"|not (?:supported|allowed|permitted|accepted)|(?:does not|doesn't) support)"
)


def _refusing(field: str) -> str:
    """A sentence that refuses a field, and not merely its value for being too large."""
    return rf"(?s){_REFUSED}.*\b{field}\b|\b{field}\b.*{_REFUSED}"


LESSONS: tuple[Lesson, ...] = (
    Lesson(
        "completion tokens",
        _refusing("max_tokens"),
        _sent("max_tokens"),
        lambda quirks: replace(quirks, max_tokens="max_completion_tokens"),
    ),
    Lesson(
        "tokens",
        _refusing("max_completion_tokens"),
        _sent("max_completion_tokens"),
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
        _sent("stream_options"),
        lambda quirks: replace(quirks, stream_usage=False),
    ),
    Lesson(
        "no temperature",
        _refusing("temperature"),
        _sent("temperature"),
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
        _sent("prompt_cache_key"),
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
        _sent("response_format"),
        lambda quirks: replace(quirks, schema=False),
    ),
    Lesson(
        "no images",
        r"image|vision|multimodal|content.*must be a string",
        lambda body, _: "image_url" in str(body["messages"]),
        lambda quirks: replace(quirks, images=False),
    ),
)


def learned(
    quirks: Quirks, message: str, body: Mapping[str, Any], known: frozenset[str]
) -> tuple[Quirks, str] | None:
    """The quirks after a 400 that said ``message`` to ``body``, and the name of the lesson.

    None when it teaches nothing that is not in ``known``, the lessons learnt before.
    """
    for lesson in LESSONS:
        if (
            lesson.name not in known
            and re.search(lesson.pattern, message, re.IGNORECASE)
            and lesson.concerns(body, quirks)
        ):
            return lesson.changed(quirks), lesson.name
    return None


def _replays(body: Mapping[str, Any]) -> bool:
    fields = ("reasoning_content", "reasoning", "reasoning_text", "reasoning_details")
    return any(field in message for message in body["messages"] for field in fields)
