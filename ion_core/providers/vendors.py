"""In what the vendors of chat completions differ, as one table of data.

Gated by exclusion: the old models of a vendor are listed, an unknown one gets the newest shape, and
an unknown vendor the plainest. Sources: the vendors' API references, November 2026.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from ion_core.providers.quirks import Quirks


class Vendor(Struct, frozen=True):
    """``ends`` are ends of host names, ``names`` those of providers that run anywhere.
    ``exceptions`` are what other models than the newest want: the begin of their names (with "$",
    the whole name), and the changes to ``quirks``."""

    ends: tuple[str, ...]
    quirks: Quirks
    exceptions: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = ()
    names: tuple[str, ...] = ()


_UP_TO_HIGH = {"xhigh": "high", "max": "high"}
_LOW_TO_HIGH = {"none": "low", "minimal": "low", **_UP_TO_HIGH}
_HIGH_ONLY = {"minimal": "high", "low": "high", "medium": "high", **_UP_TO_HIGH}
_LADDER = {"minimal": "high", "low": "high", "medium": "high", "xhigh": "max"}
_NEVER_OFF = {"none": "low", "minimal": "low", "medium": "high", "xhigh": "max"}

_OPENAI = Vendor(
    ("api.openai.com", "openai.azure.com", "services.ai.azure.com", "cognitiveservices.azure.com"),
    Quirks(
        system_role="developer",
        max_tokens="max_completion_tokens",
        efforts={"minimal": "low"},
        cache_key="prompt_cache_key",
        think_tags=False,
    ),
    (
        (("gpt-3", "gpt-4", "chatgpt-4"), {"system_role": "system", "effort": "none"}),
        (("o1-mini", "o1-preview"), {"system_role": "user", "effort": "none"}),
        (("gpt-5-chat", "gpt-5.1-chat", "gpt-5.2-chat", "gpt-5.3-chat"), {"effort": "none"}),
        (("o1", "o3", "o4"), {"efforts": _LOW_TO_HIGH}),
        (("gpt-5$", "gpt-5-"), {"efforts": {"none": "minimal", **_UP_TO_HIGH}}),
        (("gpt-5.1-codex", "gpt-5.2-codex", "gpt-5.3-codex"), {"efforts": _LOW_TO_HIGH}),
        (("gpt-5.1",), {"efforts": {"minimal": "low", **_UP_TO_HIGH}}),
        (
            ("gpt-5.2", "gpt-5.3", "gpt-5.4", "gpt-5.5"),
            {"efforts": {"minimal": "low", "max": "xhigh"}},
        ),
    ),
)

_ROUTED = Quirks(effort="openrouter", think_tags=False)
_CLAUDE, _GEMINI, _QWEN = ("anthropic/", "~anthropic/"), ("google/gemini",), ("qwen/",)

_OPENROUTER = Vendor(
    ("openrouter.ai",),
    replace(_ROUTED, cache_key="session_id", headers={"x-title": "ion"}),
    (
        ((*_CLAUDE, *_QWEN), {"marks": "turns"}),
        # Of several marks Gemini uses the last, and a cache that moves on is never read again.
        (_GEMINI, {"marks": "system"}),
    ),
)

_VERCEL = Vendor(
    ("ai-gateway.vercel.sh",),
    replace(_ROUTED, headers={"x-title": "ion"}),
    ((_CLAUDE, {"marks": "turns"}),),
)

_GROQ = Vendor(
    ("api.groq.com",),
    Quirks(max_tokens="max_completion_tokens", replay="none"),
    (
        # Of Groq's models only gpt-oss takes its reasoning back.
        (("gpt-oss",), {"replay": "fields", "efforts": _LOW_TO_HIGH}),
        (
            ("qwen",),
            {
                "efforts": dict.fromkeys(
                    ("minimal", "low", "medium", "high", "xhigh", "max"), "default"
                )
            },
        ),
        (("llama", "gemma", "allam", "compound", "mistral"), {"effort": "none"}),
    ),
)

_DEEPSEEK = Vendor(
    ("api.deepseek.com",),
    Quirks(
        effort="thinking_effort",
        efforts={"minimal": "low", "medium": "high", "xhigh": "high"},
        empty_reasoning="reasoning_content",
        think_tags=False,
    ),
    ((("deepseek-v4", "deepseek-chat", "deepseek-reasoner"), {"efforts": _LADDER}),),
)

_MISTRAL = Vendor(
    ("api.mistral.ai",),
    Quirks(
        efforts={"minimal": "low", **_UP_TO_HIGH},
        cache_key="prompt_cache_key",
        affinity="x-affinity",
        # It always tells, and has refused to be asked.
        stream_usage=False,
        call_id_size=9,
        assistant_after_tool=True,
    ),
    (
        (("magistral", "codestral", "devstral", "ministral", "open-", "pixtral"),
         {"effort": "none"}),
        (("mistral-small-2603", "mistral-small-4", "mistral-small-latest", "mistral-medium-3",
          "mistral-medium-latest"), {"efforts": _HIGH_ONLY}),
        (("mistral-large-2", "mistral-medium-2", "mistral-small-2", "mistral-tiny"),
         {"effort": "none"}),
    ),
)  # fmt: skip

_XAI = Vendor(
    ("api.x.ai",),
    Quirks(efforts={"minimal": "low", **_UP_TO_HIGH}, affinity="x-grok-conv-id", think_tags=False),
    (
        (("grok-3-mini",), {"efforts": _LOW_TO_HIGH}),
        (("grok-2", "grok-3", "grok-4$", "grok-4-", "grok-4.1"), {"effort": "none"}),
        (("grok-4.20", "grok-code"), {"effort": "none"}),
    ),
)

_KIMI = Vendor(
    ("api.moonshot.ai", "api.moonshot.cn", "api.kimi.com"),
    Quirks(
        max_tokens="max_completion_tokens",
        efforts=_NEVER_OFF,
        empty_reasoning="reasoning_content",
        empty_content="omit",
        typed_schemas=True,
        cache_key="prompt_cache_key",
        temperature=False,
    ),
    (
        (("moonshot-v1", "kimi-latest", "kimi-k2-0", "kimi-k2-turbo", "kimi-k2-instruct"),
         {"effort": "none", "empty_reasoning": "", "temperature": True}),
        (("kimi-k2-thinking", "kimi-k2.7"), {"effort": "none"}),
        (("kimi-k2.5", "kimi-for-coding"), {"effort": "thinking", "efforts": {}}),
        (("kimi-k2",),
         {"effort": "thinking", "efforts": {},
          "fields": {"thinking": {"type": "enabled", "keep": "all"}}}),
    ),
)  # fmt: skip

_ZAI = Vendor(
    ("api.z.ai", "bigmodel.cn"),
    Quirks(
        effort="thinking_effort",
        efforts=_NEVER_OFF,
        fields={"thinking": {"type": "enabled", "clear_thinking": False}},
        tool_fields={"tool_stream": True},
        think_tags=False,
    ),
    (
        (("glm-3", "glm-4-", "glm-4$", "glm-4v", "charglm", "codegeex"),
         {"effort": "none", "fields": {}, "tool_fields": {}}),
        (("glm-4.5",), {"effort": "thinking", "efforts": {}, "fields": {}, "tool_fields": {}}),
        (("glm-4.6",), {"effort": "thinking", "efforts": {}, "fields": {}}),
        (("glm-4.7", "glm-5$", "glm-5-", "glm-5.1"), {"effort": "thinking", "efforts": {}}),
        (("glm-5.2",), {"efforts": {}}),
    ),
)  # fmt: skip

_ALIBABA = Vendor(
    ("aliyuncs.com",),
    Quirks(effort="enable_thinking", think_tags=False),
    (
        (("qwen-turbo", "qwen-long", "qwen1", "qwen2", "qwq", "qvq", "qwen-max", "qwen-vl"),
         {"marks": "none"}),
        (("qwen",), {"marks": "turns"}),
    ),
)  # fmt: skip

_CEREBRAS = Vendor(
    ("api.cerebras.ai",),
    Quirks(max_tokens="max_completion_tokens", replay="think_tags", cache_key="prompt_cache_key"),
    (
        (("gpt-oss",), {"replay": "fields", "efforts": _LOW_TO_HIGH}),
        (("llama", "qwen-3-235b-a22b-instruct", "qwen-3-coder"), {"effort": "none"}),
    ),
)

_MINIMAX = Vendor(
    ("api.minimax.io", "api.minimaxi.com", "api.minimax.chat"),
    Quirks(
        max_tokens="max_completion_tokens",
        # It thinks as much as it finds right, unless it is told not to.
        effort="none",
        off={"thinking": {"type": "disabled"}},
        replay="think_tags",
    ),
    ((("minimax-m1", "minimax-m2", "minimax-text", "abab"), {"off": {}}),),
)

VENDORS: tuple[Vendor, ...] = (
    _OPENAI,
    _OPENROUTER,
    _VERCEL,
    _GROQ,
    _DEEPSEEK,
    _MISTRAL,
    _XAI,
    _KIMI,
    _ZAI,
    _ALIBABA,
    _CEREBRAS,
    _MINIMAX,
    Vendor(("api.together.xyz", "api.together.ai"), Quirks(off={"reasoning": {"enabled": False}})),
    Vendor(
        ("api.fireworks.ai",),
        Quirks(cache_key="prompt_cache_key", affinity="x-session-affinity"),
    ),
    Vendor(("amazonaws.com", "api.aws"), Quirks(max_tokens="max_completion_tokens")),
    Vendor(("router.huggingface.co", "llm.chutes.ai"), Quirks()),
    Vendor(
        (),
        Quirks(off={"chat_template_kwargs": {"enable_thinking": False}}),
        names=("vllm", "llamacpp", "sglang"),
    ),
)
"""The first row that fits. Other servers of one's own have none: they get the plainest shape."""


def quirks_for(base_url: str, model: str, name: str = "") -> Quirks:
    """What ``model`` wants at ``base_url``, before any of its 400s taught more. ``name`` is that of
    the provider."""
    host = urlsplit(base_url).hostname or ""
    vendor = next((each for each in VENDORS if _serves(each, host) or name in each.names), None)
    if vendor is None:
        return Quirks()
    changes = (each for starts, each in vendor.exceptions if _named(model.lower(), starts))
    return replace(vendor.quirks, **next(changes, {}))


def _serves(vendor: Vendor, host: str) -> bool:
    return any(host == end or host.endswith("." + end) for end in vendor.ends)


def _named(model: str, starts: tuple[str, ...]) -> bool:
    """Whether a name begins so, with or without its maker's name before it."""
    own = model.rpartition("/")[2]
    return any(
        name == start[:-1] if start.endswith("$") else name.startswith(start)
        for start in starts
        for name in (model, own)
    )
