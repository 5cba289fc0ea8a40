"""What vendors allow: notices before a login, and logins that ion does not offer.

Read in November 2026: code.claude.com/docs ("Legal and compliance"), gemini-cli's
docs/resources/tos-privacy.md, and the notes on ChatGPT and Copilot in §6 of the provider notes.
"""

from __future__ import annotations

from ion_core.providers.auth.companion import Way

PLAN_TOKEN = "sk-ant-oat"
"""Begins the tokens of Claude plans; keys of the API begin with ``sk-ant-api``."""

NO_CLAUDE_PLAN = (
    "ion cannot use a Claude Free, Pro or Max plan: Anthropic allows the logins of its plans in "
    "Claude Code and its own apps only, and blocks other programs. What works: an API key from "
    "https://console.anthropic.com/settings/keys (ion login anthropic), or Claude models through "
    "OpenRouter (ion login openrouter)."
)
NO_GOOGLE_PLAN = (
    "ion cannot use the login of Gemini Code Assist or the Gemini CLI: Google's terms call that a "
    "violation by any other program, and accounts are suspended for it. What works: a key from "
    "Google AI Studio, https://aistudio.google.com/apikey (ion login google), or Vertex AI."
)
NOTICES = {
    "chatgpt": (
        "This is no official OpenAI interface for other programs: OpenAI may change or stop it, "
        "or object to its use. Use it only where your account, your plan and OpenAI's terms "
        "permit. Your plan's limits apply. ion keeps tokens of its own; Codex's are not touched."
    ),
    "copilot": (
        "GitHub has no agreement with ion about Copilot: it may change or stop this, or object to "
        "its use. Use it only where your plan and GitHub's terms permit. Your plan's premium "
        "requests are spent."
    ),
}
"""By provider; a person agrees before logging in."""

_CLAUDE = frozenset(
    {"claude", "claude-pro", "claude-max", "claude-team", "claude-code", "claude-ai", "claude.ai"}
)
_GOOGLE = frozenset(
    {
        "gemini",
        "gemini-advanced",
        "gemini-code-assist",
        "code-assist",
        "gemini-cli",
        "google-gemini-cli",
        "google-login",
        "google-oauth",
        "google-one",
        "gemini-pro",
        "gemini-ultra",
        "antigravity",
    }
)


def refusal(provider: str, way: Way) -> str:
    """Why ion offers no such login, and what works instead; empty when nothing is against it.

    ``provider`` may be the name of a plan, as people ask for it.
    """
    asked, by_key = provider.lower(), way == "key"
    if asked in _CLAUDE or (asked == "anthropic" and not by_key):
        return NO_CLAUDE_PLAN
    if asked in _GOOGLE or (asked in ("google", "gemini") and not by_key):
        return NO_GOOGLE_PLAN
    if asked == "openai" and not by_key:
        return (
            "OpenAI's API takes keys alone: https://platform.openai.com/api-keys (ion login "
            "openai). To use a ChatGPT plan: ion login chatgpt"
        )
    return ""
