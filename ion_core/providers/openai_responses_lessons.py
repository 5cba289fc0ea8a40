"""What the 400s of the Responses protocol teach.

Sources: the error texts of OpenAI, Azure, ChatGPT's backend and compatible servers as recorded or
reported, November 2026. The order matters: what is named more exactly comes first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ion_core.providers.heal import Lesson, refusing, sent
from ion_core.providers.openai_responses_quirks import EFFORTS, ResponsesQuirks, digest

_REPLAY = (
    r"encrypted[ _]content.{0,200}(?:could not|cannot|can't|failed to) be (?:verified|decrypted)"
    r"|invalid_encrypted_content|of type 'reasoning' was provided without"
    r"|without its required 'reasoning' item"
)
_EFFORTS = (
    r"(?:supported|valid|allowed|expected) (?:values?|levels?|efforts?)|expected one of"
    r"|input should be"
)


def _items(body: Mapping[str, Any], kind: str) -> list[Mapping[str, Any]]:
    return [item for item in body["input"] if item.get("type") == kind]


def _replays(body: Mapping[str, Any], _: ResponsesQuirks) -> bool:
    return bool(_items(body, "reasoning"))


def _stale(quirks: ResponsesQuirks, _: str, body: Mapping[str, Any]) -> ResponsesQuirks:
    """The thoughts of this body are refused; those to come may be replayed again."""
    sealed = (item.get("encrypted_content") for item in _items(body, "reasoning"))
    refused = frozenset(digest(str(each)) for each in sealed if each)
    return replace(quirks, stale=quirks.stale | refused)


def _has_effort(body: Mapping[str, Any], _: ResponsesQuirks) -> bool:
    return "effort" in body.get("reasoning", {})


def _named_efforts(
    quirks: ResponsesQuirks, message: str, body: Mapping[str, Any]
) -> ResponsesQuirks:
    listed = re.split(_EFFORTS, message, maxsplit=1, flags=re.IGNORECASE)[-1]
    refused = body["reasoning"]["effort"]
    found = set(re.findall(r"\b[a-z]+\b", listed.lower())) - {refused}
    efforts = tuple(each for each in EFFORTS if each in found)
    return replace(quirks, efforts=efforts) if efforts else replace(quirks, reasons=False)


LESSONS: tuple[Lesson[ResponsesQuirks], ...] = (
    Lesson("stale thoughts", _REPLAY, _replays, lambda quirks: quirks, _stale),
    Lesson("no replay", _REPLAY, _replays, lambda quirks: replace(quirks, replay=False)),
    Lesson(
        "full items",
        r"(?:missing|required).{0,80}input\[\d+\]\.(?:id|status)\b",
        lambda _, quirks: not quirks.full_items,
        lambda quirks: replace(quirks, full_items=True),
    ),
    Lesson(
        "not sealed",
        r"encrypted content is not supported|encrypted_content|" + refusing("include"),
        sent("include"),
        lambda quirks: replace(quirks, sealed=False),
    ),
    Lesson("efforts", _EFFORTS, _has_effort, lambda quirks: quirks, _named_efforts),
    Lesson(
        "no summary",
        r"reasoning summar|reasoning\.summary|\bsummary\b|generate_summary",
        lambda body, _: "summary" in body.get("reasoning", {}),
        lambda quirks: replace(quirks, summary=False),
    ),
    Lesson(
        "no reasoning",
        refusing("reasoning") + "|" + refusing("effort"),
        sent("reasoning"),
        lambda quirks: replace(quirks, reasons=False),
    ),
    Lesson(
        "no output limit",
        refusing("max_output_tokens"),
        sent("max_output_tokens"),
        lambda quirks: replace(quirks, max_output=False),
    ),
    Lesson(
        "no temperature",
        refusing("temperature"),
        sent("temperature"),
        lambda quirks: replace(quirks, temperature=False),
    ),
    Lesson(
        "no cache key",
        r"prompt_cache_key",
        sent("prompt_cache_key"),
        lambda quirks: replace(quirks, cache_key=False),
    ),
    Lesson(
        "no strict schema",
        r"invalid schema for response_format|text\.format\.strict|\bstrict\b",
        lambda body, _: body.get("text", {}).get("format", {}).get("strict") is True,
        lambda quirks: replace(quirks, strict=False),
    ),
    Lesson(
        "no schema",
        r"text\.format|json_schema|response_format|" + refusing("text"),
        sent("text"),
        lambda quirks: replace(quirks, schema=False),
    ),
    Lesson(
        "no strict tools",
        refusing("strict"),
        lambda body, quirks: quirks.tool_strict and bool(body.get("tools")),
        lambda quirks: replace(quirks, tool_strict=False),
    ),
    Lesson(
        "no phase",
        refusing("phase") + r"|input\[\d+\]\.phase",
        lambda body, _: any("phase" in item for item in body["input"]),
        lambda quirks: replace(quirks, phase=False),
    ),
    Lesson(
        "no images in results",
        r"output.{0,80}(?:string|list|array)|input_image|image",
        lambda body, _: any(isinstance(item.get("output"), list) for item in body["input"]),
        lambda quirks: replace(quirks, result_images=False),
    ),
    Lesson(
        "no images",
        r"image|vision|multimodal",
        lambda body, _: "input_image" in str(body["input"]),
        lambda quirks: replace(quirks, images=False),
    ),
    Lesson(
        "no instructions",
        refusing("instructions"),
        lambda body, quirks: "instructions" in body and not quirks.instructed,
        lambda quirks: replace(quirks, instructions=False),
    ),
    Lesson(
        "streams only",
        r"stream.{0,40}must be (?:set to )?true",
        lambda body, _: body.get("stream") is not True,
        lambda quirks: replace(quirks, streams_only=True),
    ),
    Lesson(
        "no store",
        refusing("store"),
        sent("store"),
        lambda quirks: replace(quirks, store=False),
    ),
)
