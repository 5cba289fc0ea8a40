"""What the 400s of the Messages API teach.

Sources: error texts of Anthropic's API and of its compatibles, as recorded, documented or reported
up to November 2026. The first lesson that fits is learnt, so that the more exact ones come first.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from msgspec.structs import replace

from ion_core.providers.anthropic_cache import is_marked
from ion_core.providers.anthropic_quirks import LEVELS, AnthropicQuirks
from ion_core.providers.heal import Lesson, refusing, sent

_PLAIN = frozenset({"text", "image", "tool_use", "tool_result"})
"""The blocks that every server of this protocol knows."""


def _thinks(*kinds: str) -> Any:
    """Concerns requests that ask for thinking in one of these ways."""
    return lambda body, _: _kind(body) in kinds


def _kind(body: Mapping[str, Any]) -> str:
    thinking = body.get("thinking")
    return str(thinking.get("type")) if isinstance(thinking, dict) else ""


def _configures(field: str) -> Any:
    """Concerns requests whose ``output_config`` has ``field``."""
    return lambda body, _: field in (body.get("output_config") or {})


def _blocks(value: Any, wanted: Callable[[str], bool]) -> list[Any]:
    """The blocks of messages whose kind is wanted, those within results included."""
    match value:
        case {"type": str(kind)} if wanted(kind):
            return [value]
        case {"content": list() as inner}:
            return _blocks(inner, wanted)
        case list():
            return [block for one in value for block in _blocks(one, wanted)]
        case _:
            return []


def _supported(quirks: AnthropicQuirks, message: str, body: Mapping[str, Any]) -> AnthropicQuirks:
    """The efforts that the refusal names, or all but the one that it refused."""
    named = re.search(r"(?:supported levels:|should be|must be|one of)(.*)", message.lower())
    levels = [level for level in LEVELS if named and re.search(rf"\b{level}\b", named.group(1))]
    refused = body["output_config"]["effort"]
    others = [level for level in quirks.efforts if level != refused]
    return replace(quirks, efforts=tuple(levels or others))


def _fitting(quirks: AnthropicQuirks, message: str, body: Mapping[str, Any]) -> AnthropicQuirks:
    """The largest answer that the refusal names, or a modest one."""
    numbers = [int(digits.replace(",", "")) for digits in re.findall(r"\d[\d,]{2,}", message)]
    smaller = [number for number in numbers if number < body["max_tokens"]]
    return replace(quirks, most_output=max(smaller, default=4_096))


LESSONS: tuple[Lesson[AnthropicQuirks], ...] = (
    Lesson(
        "efforts",
        r"effort level|effort.*(?:must be|should be|one of|supported levels)|invalid.*effort",
        _configures("effort"),
        lambda quirks: quirks,
        _supported,
    ),
    Lesson(
        "no effort",
        rf"{refusing('effort')}|effort parameter",
        _configures("effort"),
        lambda quirks: replace(quirks, efforts=()),
    ),
    Lesson(
        "no schema",
        r"output_config\.format|output_format|structured output|schema",
        _configures("format"),
        lambda quirks: replace(quirks, schema=False),
    ),
    Lesson(
        "no output config",
        r"output_config",
        sent("output_config"),
        lambda quirks: replace(quirks, efforts=(), schema=False),
    ),
    Lesson(
        "rebind",
        r"prefix_mismatch_behavior",
        _thinks("adaptive"),
        lambda quirks: replace(quirks, rebind=True),
    ),
    Lesson(
        "no replay",
        r"signature|redacted_thinking|thinking.{0,40}block|(?:expected|tag) .?thinking"
        r"|server_tool|mcp_tool|_tool_result|compaction",
        lambda body, _: bool(_blocks(body["messages"], lambda kind: kind not in _PLAIN)),
        lambda quirks: replace(quirks, replay=False),
    ),
    Lesson(
        "no display",
        refusing("display"),
        lambda body, _: "display" in (body.get("thinking") or {}),
        lambda quirks: replace(quirks, display=False),
    ),
    Lesson(
        "adaptive",
        r"thinking\.type\.enabled|adaptive",
        _thinks("enabled"),
        lambda quirks: replace(quirks, thinking="adaptive", efforts=quirks.efforts or LEVELS),
    ),
    Lesson(
        "between tools",
        r"between_tools",
        _thinks("disabled"),
        lambda quirks: replace(quirks, off="between_tools"),
    ),
    Lesson(
        "always thinks",
        r"thinking",
        _thinks("disabled", "between_tools"),
        lambda quirks: replace(quirks, off="least"),
    ),
    Lesson(
        "budget",
        r"adaptive",
        _thinks("adaptive"),
        lambda quirks: replace(quirks, thinking="budget"),
    ),
    Lesson(
        "no temperature",
        rf"{refusing('temperature')}|temperature.{{0,40}}only be set",
        sent("temperature"),
        lambda quirks: replace(quirks, temperature=False),
    ),
    Lesson(
        "no thinking",
        rf"{refusing('thinking')}|budget_tokens",
        sent("thinking"),
        lambda quirks: replace(quirks, thinking="none"),
    ),
    Lesson(
        "no cache marks",
        r"cache_control",
        lambda body, _: is_marked(body),
        lambda quirks: replace(quirks, cache=False),
    ),
    Lesson(
        "no betas",
        r"\bbetas?\b",
        lambda _, quirks: quirks.interleaved,
        lambda quirks: replace(quirks, interleaved=False),
    ),
    Lesson(
        "smaller answers",
        r"max_tokens.{0,20}>|maximum tokens you requested|max_tokens.{0,60}(?:maximum|at most|less"
        r"|exceed|range|between|too large)|maximum.{0,40}output tokens",
        sent("max_tokens"),
        lambda quirks: quirks,
        _fitting,
    ),
    Lesson(
        "no images",
        r"(?:not support|unsupported|unknown|expected).{0,60}(?:image|vision|multimodal)"
        r"|(?:image|vision|multimodal).{0,60}(?:not support|unsupported)",
        lambda body, _: bool(_blocks(body["messages"], lambda kind: kind == "image")),
        lambda quirks: replace(quirks, images=False),
    ),
)
