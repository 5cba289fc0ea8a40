"""Providers as people know them, and as rows to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.accounts import Account

NAMES = {
    "anthropic": "Anthropic",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "google": "Google Gemini",
    "chatgpt": "ChatGPT plan",
    "copilot": "GitHub Copilot",
    "groq": "Groq",
    "deepseek": "DeepSeek",
    "mistral": "Mistral",
    "xai": "xAI",
    "moonshot": "Moonshot (Kimi)",
    "zai": "Z.ai (GLM)",
    "alibaba": "Alibaba (Qwen)",
    "together": "Together",
    "fireworks": "Fireworks",
    "cerebras": "Cerebras",
    "azure": "Azure OpenAI",
    "bedrock": "Amazon Bedrock",
    "ollama": "Ollama",
    "lmstudio": "LM Studio",
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
    "local": "The embedded model",
}
"""In the order in which they are offered."""

SERVERS = ("ollama", "lmstudio", "llamacpp", "vllm")
"""Run by people themselves, on this machine as a rule: they need no key."""

_WAYS = {"key": "a key", "browser": "the browser", "device": "a code in any browser"}


def name(provider: str) -> str:
    """What people call a provider."""
    return NAMES.get(provider, one_line(provider))


def account_rows(accounts: Iterable[Account]) -> list[Choice]:
    """The providers that one can log in to, the well-known ones first."""
    order = list(NAMES)
    offered = [a for a in accounts if a.ways and a.provider not in (*SERVERS, "local")]
    offered.sort(key=lambda a: order.index(a.provider) if a.provider in NAMES else len(order))
    return [_row(account) for account in offered]


def _row(account: Account) -> Choice:
    ways = [_WAYS[way] for way in account.ways]
    has = {"": "", "login": "logged in"}.get(account.source, f"key from {account.source}")
    return Choice(
        value=account.provider,
        name=name(account.provider),
        detail="with " + " or ".join(ways),
        right=has,
    )
