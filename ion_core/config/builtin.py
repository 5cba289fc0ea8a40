"""The providers that need no table in a configuration file.

Addresses, wires and names of keys as the vendors document them (November 2026). A user's
``[providers.NAME]`` is laid over the one here, field by field. A provider with an empty address is
known by name, but needs a ``base_url`` of its own: there is none that suits everybody.
"""

from __future__ import annotations

from ion_core.config.provider_schema import ProviderSettings, WireProtocol


def _cloud(
    base_url: str, api_key_env: str, protocol: WireProtocol = "openai-chat"
) -> ProviderSettings:
    return ProviderSettings(protocol=protocol, base_url=base_url, api_key_env=api_key_env)


def _loopback(port: int) -> ProviderSettings:
    return ProviderSettings(base_url=f"http://127.0.0.1:{port}/v1", connect_timeout_s=5.0)


BUILTIN: dict[str, ProviderSettings] = {
    "anthropic": _cloud("https://api.anthropic.com", "ANTHROPIC_API_KEY", "anthropic-messages"),
    "openai": _cloud("https://api.openai.com/v1", "OPENAI_API_KEY", "openai-responses"),
    "openrouter": _cloud("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
    "google": _cloud(
        "https://generativelanguage.googleapis.com/v1beta", "GEMINI_API_KEY", "google-generate"
    ),
    "groq": _cloud("https://api.groq.com/openai/v1", "GROQ_API_KEY"),
    "deepseek": _cloud("https://api.deepseek.com", "DEEPSEEK_API_KEY"),
    "mistral": _cloud("https://api.mistral.ai/v1", "MISTRAL_API_KEY"),
    "xai": _cloud("https://api.x.ai/v1", "XAI_API_KEY"),
    "moonshot": _cloud("https://api.moonshot.ai/v1", "MOONSHOT_API_KEY"),
    "kimi": _cloud("https://api.kimi.com/coding/v1", "KIMI_API_KEY"),
    "zai": _cloud("https://api.z.ai/api/paas/v4", "ZAI_API_KEY"),
    "zai-coding": _cloud("https://api.z.ai/api/coding/paas/v4", "ZAI_API_KEY"),
    "bigmodel": _cloud("https://open.bigmodel.cn/api/paas/v4", "ZHIPUAI_API_KEY"),
    "alibaba": _cloud(
        "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", "DASHSCOPE_API_KEY"
    ),
    "together": _cloud("https://api.together.xyz/v1", "TOGETHER_API_KEY"),
    "fireworks": _cloud("https://api.fireworks.ai/inference/v1", "FIREWORKS_API_KEY"),
    "cerebras": _cloud("https://api.cerebras.ai/v1", "CEREBRAS_API_KEY"),
    "minimax": _cloud("https://api.minimax.io/v1", "MINIMAX_API_KEY"),
    "huggingface": _cloud("https://router.huggingface.co/v1", "HF_TOKEN"),
    "vercel": _cloud("https://ai-gateway.vercel.sh/v1", "AI_GATEWAY_API_KEY"),
    "chutes": _cloud("https://llm.chutes.ai/v1", "CHUTES_API_KEY"),
    "azure": _cloud("", "AZURE_OPENAI_API_KEY", "openai-responses"),
    "bedrock": _cloud("", "AWS_BEARER_TOKEN_BEDROCK"),
    "ollama": _loopback(11434),
    "lmstudio": _loopback(1234),
    "llamacpp": _loopback(8080),
    "vllm": _loopback(8000),
    "local": ProviderSettings(),
    "chatgpt": _cloud("https://chatgpt.com/backend-api/codex", "", "openai-responses"),
    "copilot": _cloud("https://api.githubcopilot.com", ""),
}
"""By name. ``local`` is the embedded model: its address is known once its server runs."""
