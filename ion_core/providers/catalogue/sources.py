"""Which of ion's providers are in the catalogue, and what the sources call them."""

from __future__ import annotations

MODELS_DEV = {
    "anthropic": "anthropic",
    "openai": "openai",
    "openrouter": "openrouter",
    "google": "google",
    "groq": "groq",
    "deepseek": "deepseek",
    "mistral": "mistral",
    "xai": "xai",
    "moonshot": "moonshotai",
    "zai": "zai",
    "alibaba": "alibaba",
    "together": "togetherai",
    "fireworks": "fireworks-ai",
    "cerebras": "cerebras",
    "azure": "azure",
    "bedrock": "amazon-bedrock",
    "copilot": "github-copilot",
}
"""ion's name: that of https://models.dev."""

GENAI_PRICES = {
    **{name: name for name in ("anthropic", "openai", "openrouter", "google", "groq")},
    **{name: name for name in ("deepseek", "mistral", "zai", "together", "fireworks")},
    **{name: name for name in ("cerebras", "azure")},
    "xai": "x-ai",
    "moonshot": "moonshotai",
    "bedrock": "aws",
    "copilot": "github-copilot",
}
"""ion's name: that of https://pypi.org/project/genai-prices."""

PROVIDERS = frozenset({*MODELS_DEV, "chatgpt"})
"""``chatgpt`` is made of what is known of ``openai``."""
