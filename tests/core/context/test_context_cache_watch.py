from __future__ import annotations

import pytest
from msgspec.structs import replace

from ion_core.context.cache_rules import rule_for
from ion_core.context.cache_watch import CacheWatch
from ion_core.messages import Origin, user
from ion_core.providers.base import Request, ToolSpec
from ion_core.usage import Usage

CLAUDE = Origin(
    protocol="anthropic-messages",
    provider="anthropic",
    base_url="https://api.anthropic.com",
    model="claude-sonnet-5",
)
GPT = Origin(
    protocol="openai-responses",
    provider="openai",
    base_url="https://api.openai.com/v1",
    model="gpt-5.4",
)
ROUTER = Origin(
    protocol="openai-chat", provider="router", base_url="https://router.test/v1", model="any"
)
READ = ToolSpec(name="read", description="Reads a file.", schema={"type": "object"})
WRITE = replace(READ, name="write")
FIRST = Request(model="m", system="Be brief.", messages=(user("one"), user("two")), tools=(READ,))
LONGER = replace(FIRST, messages=(*FIRST.messages, user("three")))
WRITTEN = Usage(input=10, cache_write=5_000)
MISSED = Usage(input=10, cache_write=6_000)


def judged(
    now: Request = LONGER,
    *,
    origin: Origin = CLAUDE,
    later: Origin | None = None,
    left: Usage = WRITTEN,
    found: Usage = MISSED,
    after_s: float = 20.0,
) -> str:
    """The judgement of ``now``, sent ``after_s`` after FIRST."""
    watch = CacheWatch()
    assert watch.judge(FIRST, origin, 1000.0, left) == ""
    return watch.judge(now, later or origin, 1000.0 + after_s, found)


def test_what_the_last_request_left_and_this_one_found_is_no_miss() -> None:
    assert judged(found=Usage(input=1_000, cache_read=5_000)) == ""


def test_a_changed_tool_is_named() -> None:
    assert judged(replace(LONGER, tools=(READ, WRITE))) == "tools changed"


def test_a_changed_system_prompt_is_named() -> None:
    assert judged(replace(LONGER, system="Be long.")) == "instructions changed"


def test_a_changed_effort_is_named() -> None:
    assert judged(replace(LONGER, effort="high")) == "effort changed"


def test_another_model_and_another_provider_are_named() -> None:
    assert judged(later=replace(CLAUDE, model="claude-opus-5")) == "model switched"
    assert judged(later=GPT) == "model switched"


def test_a_rewritten_message_is_named() -> None:
    rewritten = replace(LONGER, messages=(user("1"), *LONGER.messages[1:]))
    assert judged(rewritten) == "history rewritten"
    assert judged(replace(FIRST, messages=FIRST.messages[:1])) == "history rewritten"


def test_time_is_named_where_the_provider_promises_one() -> None:
    assert judged(after_s=420.0) == "expired: 7 min since the last request"
    assert judged(after_s=3 * 86_400.0) == "expired: 3 days since the last request"
    gemini = replace(CLAUDE, protocol="google-generate", provider="google", model="gemini-4")
    said = judged(origin=gemini, after_s=7_500.0, found=Usage(input=6_000))
    assert said == "probably expired: 2 h since the last request"


def test_what_changed_comes_before_the_time_that_passed() -> None:
    assert judged(replace(LONGER, system="Be long."), after_s=900.0) == "instructions changed"


def test_a_prompt_that_was_too_small_to_be_kept_is_named() -> None:
    small, larger = Usage(input=900), Usage(input=1_100)
    assert judged(left=small, found=larger) == "below the minimum of 1,024 tokens"
    assert judged(origin=GPT, left=small, found=larger) == "below the minimum of 1,024 tokens"


def test_a_miss_without_a_cause_is_the_providers() -> None:
    assert judged() == "not kept by the provider"
    assert judged(origin=GPT, left=Usage(input=9_000), found=Usage(input=9_100)) == (
        "not kept by the provider"
    )


def test_a_request_that_asked_for_no_caching_left_nothing_to_miss() -> None:
    assert judged(left=Usage(input=9_000), found=Usage(input=9_100)) == ""


def test_a_provider_that_never_speaks_of_its_cache_misses_nothing() -> None:
    silent = {"left": Usage(input=9_000), "found": Usage(input=9_100)}
    assert judged(origin=ROUTER, **silent) == ""
    assert judged(origin=ROUTER, **silent, after_s=9_000.0) == ""


def test_a_provider_that_once_spoke_of_its_cache_can_miss() -> None:
    watch = CacheWatch()
    spoken = Usage(input=1_000, cache_read=8_000)
    assert watch.judge(FIRST, ROUTER, 0.0, Usage(input=9_000)) == ""
    assert watch.judge(FIRST, ROUTER, 1.0, spoken) == ""
    assert watch.judge(LONGER, ROUTER, 2.0, Usage(input=9_100)) == "not kept by the provider"


def test_an_answer_without_usage_keeps_the_cache_warm() -> None:
    watch = CacheWatch()
    watch.judge(FIRST, CLAUDE, 0.0, WRITTEN)
    assert watch.judge(LONGER, CLAUDE, 250.0, None) == ""
    assert watch.judge(LONGER, CLAUDE, 500.0, MISSED) == "not kept by the provider"


@pytest.mark.parametrize(
    ("model", "minimum"),
    [
        ("claude-opus-4-5", 4096),
        ("anthropic/claude-opus-4.5", 4096),
        ("us.anthropic.claude-haiku-4-5-20251001-v1:0", 4096),
        ("claude-opus-4-20250514", 1024),
        ("claude-sonnet-4@20250514", 1024),
        ("claude-3-5-haiku-20241022", 2048),
        ("claude-opus-5", 512),
        ("claude-nobody-knows-9", 512),
        ("gemini-2.5-flash", 2048),
        ("gemini-5-ultra", 4096),
        ("gpt-6", 1024),
    ],
)
def test_each_family_has_its_minimum_and_unknown_names_the_newest(model: str, minimum: int) -> None:
    assert rule_for(model).minimum == minimum


@pytest.mark.parametrize(
    ("model", "minutes"),
    [
        ("gpt-5.6", 30),
        ("gpt-5.10", 30),
        ("gpt-7-mini", 30),
        ("gpt-5-2025-08-07", 10),
        ("openai/gpt-5.4-codex", 10),
        ("gpt-4.1", 10),
        ("o4-mini", 10),
        ("claude-sonnet-5", 5),
        ("qwen3-coder", 10),
    ],
)
def test_each_family_keeps_a_prompt_for_its_time(model: str, minutes: int) -> None:
    assert rule_for(model).ttl_s == minutes * 60
