"""What holds for the cause of a cache miss, whatever the conversation."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ion_core.context.cache_rules import rule_for
from ion_core.context.cache_watch import CacheWatch
from ion_core.messages import Message, Origin, user
from ion_core.providers.base import Request
from ion_core.usage import Usage

MODELS = st.sampled_from(
    ["claude-opus-4-5", "claude-opus-6", "gpt-5.4", "gpt-6", "gemini-4", "kimi-k3"]
)
PROVIDERS = st.sampled_from(["anthropic", "openai", "google", "somebody"])
PROTOCOLS = st.sampled_from(["anthropic-messages", "openai-chat"])
ORIGINS = st.builds(
    Origin, protocol=PROTOCOLS, provider=PROVIDERS, base_url=st.just("https://x.test"), model=MODELS
)
STEPS = st.lists(
    st.tuples(st.text(max_size=5), st.integers(0, 20_000), st.floats(0.0, 1.0)),
    min_size=2,
    max_size=20,
)


def request(messages: list[Message], origin: Origin) -> Request:
    return Request(model=origin.model, system="s", messages=tuple(messages))


@given(ORIGINS, STEPS)
def test_a_growing_conversation_that_is_read_in_time_misses_nothing(
    origin: Origin, steps: list[tuple[str, int, float]]
) -> None:
    watch, messages, at, kept = CacheWatch(), list[Message](), 0.0, 0
    for text, added, wait in steps:
        messages.append(user(text))
        at += wait * rule_for(origin.model).ttl_s
        # The first prompt is large enough to be kept.
        usage = Usage(cache_read=kept, cache_write=added + (0 if kept else 5_000))
        kept = usage.prompt
        assert watch.judge(request(messages, origin), origin, at, usage) == ""


@given(ORIGINS.filter(lambda origin: origin.provider == "somebody"), STEPS)
def test_who_never_speaks_of_a_cache_misses_nothing(
    origin: Origin, steps: list[tuple[str, int, float]]
) -> None:
    watch, at = CacheWatch(), 0.0
    for text, added, wait in steps:
        at += wait * 100_000
        said = watch.judge(request([user(text)], origin), origin, at, Usage(input=added))
        assert said == ""


@given(ORIGINS, STEPS)
def test_an_unchanged_request_is_never_blamed_for_a_change(
    origin: Origin, steps: list[tuple[str, int, float]]
) -> None:
    watch, messages, at = CacheWatch(), list[Message](), 0.0
    for text, added, wait in steps:
        messages.append(user(text))
        at += wait * 100_000
        usage = Usage(input=5_000, cache_write=added)
        said = watch.judge(request(messages, origin), origin, at, usage)
        assert "changed" not in said
        assert "rewritten" not in said
