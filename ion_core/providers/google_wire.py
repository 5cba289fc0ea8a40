"""A request of ion's, as the JSON body of Gemini's ``generateContent``.

Pure: the quirks of the model decide how each wish is written, and what is left out. What stays the
same for a whole session comes first in the body, the conversation last.
"""

from __future__ import annotations

from typing import Any

from ion_core.providers.base import Request, ToolSpec
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.google_messages import written_contents
from ion_core.providers.google_quirks import GoogleQuirks
from ion_core.providers.google_schema import openapi, plain
from ion_core.providers.wire import Blobs

LEVELS = ("minimal", "low", "medium", "high")
OFF = ("none", "off")
_LEVEL_OF = {"xhigh": "high", "max": "high", "none": "minimal", "off": "minimal"}
_BUDGETS = {"minimal": 512, "low": 2_048, "medium": 8_192}
"""Tokens for thinking where a model counts them; anything stronger gets the most there is."""


def google_body(
    request: Request, endpoint: Endpoint, quirks: GoogleQuirks, blobs: Blobs | None = None
) -> dict[str, Any]:
    """The body. ``blobs`` gives the bytes of an image by its SHA-256; without it, images become
    words."""
    body: dict[str, Any] = {}
    if request.system and quirks.system:
        body["systemInstruction"] = {"parts": [{"text": request.system}]}
    if request.tools:
        body["tools"] = [{"functionDeclarations": [_tool(t, quirks) for t in request.tools]}]
    if generation := _generation(request, quirks):
        body["generationConfig"] = generation
    body = _laid_over(body, endpoint.extra_body)
    body.setdefault("contents", written_contents(request, endpoint, quirks, blobs))
    return body


def _laid_over(body: dict[str, Any], extra: dict[str, Any]) -> dict[str, Any]:
    """``extra`` wins, field by field also within ``generationConfig`` and its like."""
    merged = dict(body)
    for name, value in extra.items():
        both = isinstance(value, dict) and isinstance(merged.get(name), dict)
        merged[name] = merged[name] | value if both else value
    return merged


def _tool(tool: ToolSpec, quirks: GoogleQuirks) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": tool.name, "description": tool.description}
    if quirks.tools == "json":
        return declared | {"parametersJsonSchema": plain(tool.schema)}
    # An object without properties is refused; a function without parameters is none of those.
    parameters = openapi(tool.schema) if quirks.tools == "openapi" else {}
    return declared | ({"parameters": parameters} if parameters.get("properties") else {})


def _generation(request: Request, quirks: GoogleQuirks) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if request.max_output is not None:
        config["maxOutputTokens"] = request.max_output
    if request.temperature is not None and quirks.temperature:
        config["temperature"] = request.temperature
    if thinking := _thinking(request.effort, quirks):
        config["thinkingConfig"] = thinking
    if request.schema is not None and (quirks.schema_with_tools or not request.tools):
        config |= _constrained(request.schema, quirks)
    return config


def _constrained(schema: dict[str, Any], quirks: GoogleQuirks) -> dict[str, Any]:
    match quirks.schema:
        case "json":
            written = {"responseJsonSchema": plain(schema)}
        case "openapi":
            written = {"responseSchema": openapi(schema)}
        case "none":
            return {}
    return {"responseMimeType": "application/json", **written}


def _thinking(effort: str, quirks: GoogleQuirks) -> dict[str, Any]:
    if quirks.thinking == "none":
        return {}
    shown = {"includeThoughts": True} if quirks.thoughts and effort not in OFF else {}
    if quirks.thinking == "level":
        return shown | ({"thinkingLevel": _level(effort, quirks)} if effort else {})
    if not effort:
        return shown if quirks.eager else {}
    tokens = _budget(effort, quirks)
    return {"thinkingBudget": tokens} | (shown if tokens else {})


def _level(effort: str, quirks: GoogleQuirks) -> str:
    """The nearest level that the model takes, the stronger of two; a word that nobody knows stays,
    so that the server can say what it takes."""
    wanted = _LEVEL_OF.get(effort, effort)
    if wanted in quirks.levels or wanted not in LEVELS:
        return wanted
    known = [level for level in quirks.levels if level in LEVELS]
    at = LEVELS.index(wanted)
    nearest = sorted(known, key=lambda level: (abs(LEVELS.index(level) - at), -LEVELS.index(level)))
    return nearest[0] if nearest else wanted


def _budget(effort: str, quirks: GoogleQuirks) -> int:
    least, most = quirks.budget
    if effort in OFF:
        # A model with a least budget above 0 takes 0 for "off" only if it can stop thinking.
        return 0 if not quirks.eager or least == 0 else least
    return min(most, max(least, _BUDGETS.get(effort, most)))
