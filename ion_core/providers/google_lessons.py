"""What the 400s of Gemini teach.

Sources: error texts of the API as people reported them (google-gemini/gemini-cli, vercel/ai and
litellm issues), to November 2026. The more exact lesson stands before the more general one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from ion_core.providers.google_quirks import GoogleQuirks
from ion_core.providers.google_wire import LEVELS
from ion_core.providers.heal import Lesson, refusing

_LEVEL = r"thinking[ _]?level"
_BUDGET = r"thinking[ _]?budget|\bbudget\b.{0,20}(?:invalid|not)"
_BETWEEN = r"between (\d+) and (\d+)"


def _config(name: str) -> Any:
    """Concerns requests whose ``generationConfig`` has a field."""
    return lambda body, _: name in body.get("generationConfig", {})


def _asks(name: str) -> Any:
    """Concerns requests whose ``thinkingConfig`` has a field."""
    return lambda body, _: name in body.get("generationConfig", {}).get("thinkingConfig", {})


def _other_levels(quirks: GoogleQuirks, message: str, body: Mapping[str, Any]) -> GoogleQuirks:
    """Without the level that was refused; with none left, without levels."""
    refused = body["generationConfig"]["thinkingConfig"]["thinkingLevel"]
    levels = tuple(level for level in quirks.levels if level != refused)
    if levels == quirks.levels:
        levels = tuple(level for level in LEVELS if level != refused)
    return replace(quirks, levels=levels)


def _told_budget(quirks: GoogleQuirks, message: str, body: Mapping[str, Any]) -> GoogleQuirks:
    """The range that the message names, else one that is in the range of every model."""
    found = re.search(_BETWEEN, message)
    least, most = (int(found[1]), int(found[2])) if found else (512, 24_576)
    return replace(quirks, budget=(max(1, least), max(least, most)), eager=True)


LESSONS: tuple[Lesson[GoogleQuirks], ...] = (
    Lesson(
        "own signatures",
        r"thought[ _]?signature",
        lambda _, quirks: quirks.replay or not quirks.signatures,
        lambda quirks: replace(quirks, replay=False, signatures=True),
    ),
    Lesson(
        "older result schema",
        r"response_?json_?schema",
        _config("responseJsonSchema"),
        lambda quirks: replace(quirks, schema="openapi"),
    ),
    Lesson(
        "no schema with tools",
        r"(?:function|tool).{0,80}(?:mime ?type|json)"
        r"|(?:mime ?type|json mode).{0,80}(?:function|tool)",
        lambda body, _: "tools" in body and _config("responseMimeType")(body, _),
        lambda quirks: replace(quirks, schema_with_tools=False),
    ),
    Lesson(
        "no schema",
        r"response_?schema|response_?mime_?type|json mode",
        _config("responseMimeType"),
        lambda quirks: replace(quirks, schema="none"),
    ),
    Lesson(
        "no pictures in results",
        r"multimodal function response|function_?response\.parts"
        r"|unknown name ['\"]?parts\b.{0,60}function_?response",
        lambda body, _: _in_results("parts", body),
        lambda quirks: replace(quirks, result_images=False),
    ),
    Lesson(
        "no call ids",
        r"unknown name ['\"]?id\b|\bid\b.{0,40}function_?(?:call|response)\b",
        lambda body, _: _in_results("id", body),
        lambda quirks: replace(quirks, call_ids=False),
    ),
    Lesson(
        "older schemas",
        r"(?s)parameters_?json_?schema"
        r"|function_?declaration.*(?:schema|unknown name|propert|field)",
        lambda body, quirks: "tools" in body and quirks.tools == "json",
        lambda quirks: replace(quirks, tools="openapi"),
    ),
    Lesson(
        "no thoughts",
        r"include_?thoughts",
        _asks("includeThoughts"),
        lambda quirks: replace(quirks, thoughts=False),
    ),
    Lesson(
        "another level",
        rf"{_LEVEL}[^.]{{0,20}}\b(?:minimal|low|medium|high)\b",
        _asks("thinkingLevel"),
        lambda quirks: quirks,
        _other_levels,
    ),
    Lesson(
        "no levels",
        _LEVEL,
        _asks("thinkingLevel"),
        lambda quirks: replace(quirks, thinking="budget", budget=(512, 24_576)),
    ),
    Lesson(
        "another budget",
        rf"(?:{_BUDGET}).{{0,80}}(?:invalid|range|between)|only works in thinking mode",
        _asks("thinkingBudget"),
        lambda quirks: quirks,
        _told_budget,
    ),
    Lesson(
        "no thinking",
        r"thinking",
        _config("thinkingConfig"),
        lambda quirks: replace(quirks, thinking="none"),
    ),
    Lesson(
        "no system",
        r"developer instruction|system_?[ ]?instruction",
        lambda body, _: "systemInstruction" in body,
        lambda quirks: replace(quirks, system=False),
    ),
    Lesson(
        "no temperature",
        refusing("temperature"),
        _config("temperature"),
        lambda quirks: replace(quirks, temperature=False),
    ),
    Lesson(
        "no images",
        r"image input|image.{0,40}(?:not supported|not enabled|unsupported)|inline_?data",
        lambda body, _: "inlineData" in str(body["contents"]),
        lambda quirks: replace(quirks, images=False),
    ),
)


def _in_results(name: str, body: Mapping[str, Any]) -> bool:
    parts = [part for content in body["contents"] for part in content["parts"]]
    return any(name in part.get("functionResponse", {}) for part in parts)
