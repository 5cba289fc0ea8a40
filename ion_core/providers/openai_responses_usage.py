"""Token counts and costs of Responses answers, in ion's one form.

Sources are the vendors' API references and recorded streams. Cached tokens are counted among the
input, reasoning among the output.
"""

from __future__ import annotations

from typing import Any

from ion_core.usage import Usage


def read_usage(raw: dict[str, Any]) -> Usage | None:
    """The usage that a response reports, None when it reports none."""
    if "input_tokens" not in raw and "output_tokens" not in raw:
        return None
    details = _object(raw.get("input_tokens_details"))
    cached = _number(details.get("cached_tokens")) or 0
    written = _number(details.get("cache_write_tokens")) or 0
    prompt, said = _number(raw.get("input_tokens")) or 0, _number(raw.get("output_tokens")) or 0
    total = _number(raw.get("total_tokens"))
    reasoning = _number(_object(raw.get("output_tokens_details")).get("reasoning_tokens"))
    if reasoning and total == prompt + said + reasoning:
        # As in xAI's chat completions: reasoning beside the output, not within it.
        said += reasoning
    if cached > prompt:
        prompt += cached
    return Usage(
        input=max(0, prompt - cached - written),
        output=said,
        cache_read=cached,
        cache_write=written,
        reasoning=reasoning,
    )


def read_cost(raw: dict[str, Any]) -> int | None:
    """What the server charges in nano-dollars (OpenRouter says it in dollars, xAI in ticks of
    1e-10 USD), None when unsaid."""
    if (ticks := _number(raw.get("cost_in_usd_ticks"))) is not None:
        return round(ticks / 10)
    cost = raw.get("cost")
    if isinstance(cost, bool) or not isinstance(cost, int | float):
        return None
    return round(cost * 1_000_000_000)


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return max(0, int(value))
