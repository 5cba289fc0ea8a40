"""In which order models are listed: the newest first, the deprecated last."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ion_core.providers.catalogue.listing import Listed

UNDATED = "9999"
"""A model without a date is newer than the source of dates, which lags behind that of prices…"""

EARLIER = re.compile(
    r"claude-[v123]|gpt-(3|4)|codex-mini|gemini-(flash-|pro-)?[12]\b|gemini-1|gemma-[123]"
    r"|grok-([23]|4-0709|4-1|4-fast|code-fast)|deepseek-(v[123]|r1|chat|coder)|glm-4|kimi-k2\b"
    r"|llama-?[123]|mi[sx]tral-(7b|nemo|tiny|saba)|ministral|codestral|qwen-?([12]|3\b)|phi-|yi-"
)
"""… but for these, which it dropped before."""


def newest_first(models: Iterable[Listed]) -> tuple[Listed, ...]:
    """By day of release, then by the numbers in the id."""
    fresh_first = sorted(models, key=_freshness, reverse=True)
    return tuple(sorted(fresh_first, key=lambda model: model.deprecated))


def _freshness(model: Listed) -> tuple[str, list[int], str]:
    numbers = [int(digits) for digits in re.findall(r"\d+", model.id)]
    undated = "" if EARLIER.search(model.id.lower()) else UNDATED
    return model.released or undated, numbers, model.id
