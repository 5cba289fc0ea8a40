"""The vendors' pages on which keys are made and deleted (as of November 2026)."""

from __future__ import annotations

KEY_PAGES = {
    "anthropic": "https://console.anthropic.com/settings/keys",
    "openai": "https://platform.openai.com/api-keys",
    "openrouter": "https://openrouter.ai/settings/keys",
    "google": "https://aistudio.google.com/apikey",
    "groq": "https://console.groq.com/keys",
    "deepseek": "https://platform.deepseek.com/api_keys",
    "mistral": "https://console.mistral.ai/api-keys",
    "xai": "https://console.x.ai",
    "moonshot": "https://platform.moonshot.ai/console/api-keys",
    "zai": "https://z.ai/manage-apikey/apikey-list",
    "together": "https://api.together.ai/settings/api-keys",
    "fireworks": "https://app.fireworks.ai/settings/users/api-keys",
    "cerebras": "https://cloud.cerebras.ai",
}
"""By provider; those of a cloud have no page that is the same for everybody."""
