"""How much a Claude is asked to think, and in what words.

Newer models decide by themselves and are given an effort; older ones are given a budget of tokens,
and think only when somebody wants it.
"""

from __future__ import annotations

from typing import Any

from ion_core.providers.anthropic_quirks import LEVELS, AnthropicQuirks
from ion_core.providers.base import ModelInfo, Request

BUDGETS = {"low": 4_096, "medium": 10_240, "high": 20_480, "xhigh": 32_768, "max": 49_152}
LEAST_BUDGET = 1_024
"""The smallest budget that the API takes; so much at least is left for the answer, too."""


def thinking_fields(
    request: Request, quirks: AnthropicQuirks, info: ModelInfo, max_tokens: int, *, looping: bool
) -> dict[str, Any]:
    """``thinking`` and the effort's ``output_config``, as far as the model takes them.

    ``looping``: the request answers calls of a message without thoughts, after which a model with
    a budget may not begin to think.
    """
    if request.effort in ("none", "off"):
        return _off(quirks)
    level = "low" if request.effort == "minimal" else request.effort
    fields: dict[str, Any] = {}
    if quirks.thinking == "adaptive":
        fields["thinking"] = _adaptive(quirks)
    elif quirks.thinking == "budget" and level in BUDGETS and not looping:
        budget = min(BUDGETS[level], max_tokens - LEAST_BUDGET)
        if budget >= LEAST_BUDGET:
            fields["thinking"] = {"type": "enabled", "budget_tokens": budget}
    if taken := nearest(level, known_efforts(quirks, info)):
        fields["output_config"] = {"effort": taken}
    return fields


def _adaptive(quirks: AnthropicQuirks) -> dict[str, Any]:
    thinking: dict[str, Any] = {"type": "adaptive"}
    if quirks.display:
        thinking["display"] = "summarized"
    if quirks.rebind:
        thinking["block_binding"] = {"prefix_mismatch_behavior": "drop_block"}
    return thinking


def _off(quirks: AnthropicQuirks) -> dict[str, Any]:
    if quirks.thinking == "none":
        return {}
    if quirks.off != "least":
        return {"thinking": {"type": quirks.off}}
    least = {"output_config": {"effort": quirks.efforts[0]}} if quirks.efforts else {}
    return {"thinking": _adaptive(quirks), **least}


def known_efforts(quirks: AnthropicQuirks, info: ModelInfo) -> tuple[str, ...]:
    """The efforts that a model takes: those of its quirks that are not known to be missing."""
    if is_known := [effort for effort in quirks.efforts if effort in info.efforts]:
        return tuple(is_known)
    return quirks.efforts


def nearest(level: str, efforts: tuple[str, ...]) -> str:
    """The effort closest to ``level``, the stronger of two; "" for no effort at all."""
    if level not in LEVELS or not efforts:
        return ""
    wanted = LEVELS.index(level)
    places = [LEVELS.index(effort) for effort in efforts if effort in LEVELS]
    return LEVELS[min(places, key=lambda place: (abs(place - wanted), -place))] if places else ""
