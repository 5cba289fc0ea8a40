"""In what the vendors of chat completions differ, as one table of data.

Gated by exclusion: an unknown model of a known vendor gets the newest shape, an unknown vendor the
plainest. What a 400 teaches (``heal.py``) replaces a row's values for one model. Sources: the
vendors' API references, November 2026.
"""

from __future__ import annotations

from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

Effort: TypeAlias = Literal["none", "reasoning_effort", "openrouter", "thinking", "deepseek"]
"""How reasoning effort is asked for: not at all; ``reasoning_effort: x``; OpenRouter's
``reasoning: {effort: x}``; ``thinking: {type: enabled}`` (Kimi, z.ai); DeepSeek's both."""

Replay: TypeAlias = Literal["fields", "think_tags", "none"]
"""How thoughts go back: in the fields they came from, as ``<think>`` in the content, or not."""


class Quirks(Struct, frozen=True, kw_only=True):
    """What one model of one endpoint wants.

    ``call_id_size`` is the exact length of a call id of letters and digits, 0 for any id of up to
    40 characters. ``empty_reasoning`` is a field that an assistant's message with calls must have.
    """

    system_role: Literal["system", "developer", "user"] = "system"
    max_tokens: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    stream_usage: bool = True
    temperature: bool = True
    effort: Effort = "reasoning_effort"
    replay: Replay = "fields"
    empty_reasoning: str = ""
    empty_content: Literal["null", "empty", "omit"] = "null"
    cache_key: bool = False
    strict: bool = True
    schema: bool = True
    images: bool = True
    think_tags: bool = True
    call_id_size: int = 0
    assistant_after_tool: bool = False


_OPENAI = Quirks(
    system_role="developer", max_tokens="max_completion_tokens", cache_key=True, think_tags=False
)
_KIMI = Quirks(
    max_tokens="max_completion_tokens",
    effort="thinking",
    empty_reasoning="reasoning_content",
    empty_content="omit",
    cache_key=True,
)

BY_HOST: tuple[tuple[str, Quirks], ...] = (
    ("api.openai.com", _OPENAI),
    ("openai.azure.com", replace(_OPENAI, cache_key=False)),
    ("openrouter.ai", Quirks(effort="openrouter", think_tags=False)),
    ("api.groq.com", Quirks(max_tokens="max_completion_tokens", replay="none")),
    ("api.deepseek.com", Quirks(effort="deepseek", empty_reasoning="reasoning_content")),
    ("api.mistral.ai", Quirks(call_id_size=9, assistant_after_tool=True)),
    ("api.x.ai", Quirks(think_tags=False)),
    ("moonshot.ai", _KIMI),
    ("moonshot.cn", _KIMI),
    ("api.kimi.com", _KIMI),
    ("api.z.ai", Quirks(effort="thinking")),
    ("bigmodel.cn", Quirks(effort="thinking")),
    ("api.cerebras.ai", Quirks(max_tokens="max_completion_tokens", replay="think_tags")),
)
"""The end of a host name, and what its models want."""

_NO_DEVELOPER = ("gpt-3", "gpt-4", "chatgpt-4")
_NO_SYSTEM = ("o1-mini", "o1-preview")


def quirks_for(base_url: str, model: str) -> Quirks:
    """What ``model`` wants at ``base_url``, before any of its 400s taught more."""
    host = urlsplit(base_url).hostname or ""
    quirks = next((row for end, row in BY_HOST if _within(host, end)), Quirks())
    if quirks.system_role == "developer" and model.startswith(_NO_DEVELOPER):
        return replace(quirks, system_role="system")
    if quirks.system_role == "developer" and model.startswith(_NO_SYSTEM):
        return replace(quirks, system_role="user")
    if _within(host, "api.groq.com") and "gpt-oss" in model:
        # Of Groq's models only gpt-oss takes its reasoning back.
        return replace(quirks, replay="fields")
    return quirks


def _within(host: str, end: str) -> bool:
    return host == end or host.endswith("." + end)
