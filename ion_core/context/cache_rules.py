"""What providers promise of their prompt caches: how small a prompt they keep, and how long.

Gated by exclusion: the models that differ are listed, and an unknown name of a family counts as
its newest. Sources: the vendors' pages on prompt caching and what routers publish, November 2026;
where two of them differ, the larger number.
"""

from __future__ import annotations

import re

from msgspec import Struct


class CacheRule(Struct, frozen=True, kw_only=True):
    """A prompt below ``minimum`` tokens is not kept; one that nobody asks for again is gone after
    ``ttl_s`` seconds, which the vendor says itself when ``promised``."""

    minimum: int
    ttl_s: float
    promised: bool = True


_CLAUDE_TTL_S = 300.0
_CLAUDE_NEWEST = 512
_CLAUDE_MINIMA = {
    "haiku-4-5": 4096,
    "opus-4-5": 4096,
    "opus-4-6": 4096,
    "opus-4-7": 4096,
    "opus-4-8": 1024,
    "opus-4-1": 1024,
    "opus-4": 1024,
    "sonnet-4": 1024,
    "sonnet-4-5": 1024,
    "sonnet-4-6": 2048,
    "sonnet-5": 1024,
}
_CLAUDE_3 = CacheRule(minimum=1024, ttl_s=_CLAUDE_TTL_S)
_CLAUDE_3_HAIKU = CacheRule(minimum=2048, ttl_s=_CLAUDE_TTL_S)

_GPT = CacheRule(minimum=1024, ttl_s=1800.0)
_GPT_BEFORE_5_6 = CacheRule(minimum=1024, ttl_s=600.0)
_GEMINI = CacheRule(minimum=4096, ttl_s=300.0, promised=False)
_GEMINI_2 = CacheRule(minimum=2048, ttl_s=300.0, promised=False)
_OTHER = CacheRule(minimum=1024, ttl_s=600.0, promised=False)

_CLAUDE_NAME = r"(opus|sonnet|haiku)-(\d{1,2})(?:-(\d{1,2}))?(?!\d)"
_OLD_CLAUDE = r"claude-(instant|[23]\b)"
_OLD_GPT = r"\b(?:o[134]|gpt-[34]|gpt-5(?!-(?:[6-9]|\d\d)(?!\d)))(?!\d)|chatgpt-4o"
_OLD_GEMINI = r"gemini-[12]\b"
_OPENAI = ("gpt", "o1", "o3", "o4")


def rule_for(model: str) -> CacheRule:
    """The rule of ``model``, whoever serves it: ``claude-opus-4-5``, ``anthropic/claude-opus-4.5``
    and ``us.anthropic.claude-opus-4-5-20251101-v1:0`` are the same."""
    name = model.lower().replace(".", "-")
    if "claude" in name:
        return _claude(name)
    if "gemini" in name:
        return _GEMINI_2 if re.search(_OLD_GEMINI, name) else _GEMINI
    if any(part in name for part in _OPENAI) and re.search(_OLD_GPT, name):
        return _GPT_BEFORE_5_6
    return _GPT if "gpt-" in name and "gpt-oss" not in name else _OTHER


def _claude(name: str) -> CacheRule:
    if re.search(_OLD_CLAUDE, name):
        return _CLAUDE_3_HAIKU if "haiku" in name else _CLAUDE_3
    found = re.search(_CLAUDE_NAME, name)
    version = "-".join(part for part in found.groups() if part) if found else ""
    minimum = _CLAUDE_MINIMA.get(version, _CLAUDE_NEWEST)
    return CacheRule(minimum=minimum, ttl_s=_CLAUDE_TTL_S)
