"""Token counts of chat completions, as each vendor writes them, in ion's one form.

Sources are the vendors' API references and recorded streams; every exception below is one that
a recording shows.
"""

from __future__ import annotations

from typing import Any

from ion_core.usage import Usage


def read_usage(chunk: dict[str, Any]) -> Usage | None:
    """The usage that a chunk or a whole body reports, None when it reports none."""
    raw = _reported(chunk)
    if raw is None:
        return None
    cached, written = _cached(raw), _written(raw)
    prompt = _number(raw.get("prompt_tokens")) or 0
    if cached > prompt:
        # xAI has been seen to leave cached tokens out of the prompt.
        prompt += cached
    reasoning = _number(_details(raw, "completion_tokens_details").get("reasoning_tokens"))
    return Usage(
        input=max(0, prompt - cached - written),
        output=_output(raw, reasoning),
        cache_read=cached,
        cache_write=written,
        reasoning=reasoning,
    )


def read_cost(chunk: dict[str, Any]) -> int | None:
    """What the provider says that it charges, in 1e-9 USD; None when it says nothing of it
    (OpenRouter does, and xAI in ticks of 1e-10 USD: docs.x.ai/developers/cost-tracking)."""
    raw = _reported(chunk) or {}
    if (ticks := _number(raw.get("cost_in_usd_ticks"))) is not None:
        return round(ticks / 10)
    cost = _nano(raw.get("cost"))
    if cost is None or raw.get("is_byok") is not True:
        return cost
    # With a key of one's own for the provider behind OpenRouter, that one charges too.
    return cost + (_nano(_details(raw, "cost_details").get("upstream_inference_cost")) or 0)


def _nano(dollars: object) -> int | None:
    if isinstance(dollars, bool) or not isinstance(dollars, int | float) or not 0 <= dollars < 1e6:
        return None
    return round(dollars * 1e9)


def _reported(chunk: dict[str, Any]) -> dict[str, Any] | None:
    # Moonshot reports inside the choice, Groq also in a field of its own.
    choices = chunk.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else {}
    for holder in (chunk, choice, chunk.get("x_groq")):
        usage = holder.get("usage") if isinstance(holder, dict) else None
        if isinstance(usage, dict) and ("prompt_tokens" in usage or "completion_tokens" in usage):
            return usage
    return None


def _output(raw: dict[str, Any], reasoning: int | None) -> int:
    prompt = _number(raw.get("prompt_tokens")) or 0
    said = _number(raw.get("completion_tokens")) or 0
    if reasoning and _number(raw.get("total_tokens")) == prompt + said + reasoning:
        # xAI does not count reasoning among the completion tokens.
        return said + reasoning
    return said


def _cached(raw: dict[str, Any]) -> int:
    # Mistral has both an odd spelling of the details and a name of its own; DeepSeek counts hits;
    # Moonshot has the number at the top.
    found = (
        _details(raw, "prompt_tokens_details").get("cached_tokens"),
        _details(raw, "prompt_token_details").get("cached_tokens"),
        raw.get("prompt_cache_hit_tokens"),
        raw.get("cached_tokens"),
        raw.get("num_cached_tokens"),
    )
    return next((number for value in found if (number := _number(value))), 0)


def _written(raw: dict[str, Any]) -> int:
    # Alibaba uses Anthropic's name for it.
    details = _details(raw, "prompt_tokens_details")
    found = (
        details.get("cache_write_tokens"),
        details.get("cache_creation_input_tokens"),
        raw.get("cache_creation_input_tokens"),
    )
    return next((number for value in found if (number := _number(value))), 0)


def _details(raw: dict[str, Any], name: str) -> dict[str, Any]:
    value = raw.get(name)
    return value if isinstance(value, dict) else {}


def _number(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return max(0, int(value))
