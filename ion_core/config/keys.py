"""Which key a provider is spoken to with, of those that its settings and the environment name.

In order of force: the key in the settings (itself, or printed by a command), the file that they
name, the variable that they name. What a command or a file says is never shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ion_core.config.provider_schema import ProviderSettings
from ion_core.errors import Unauthorised

COMMAND_S = 10.0
"""Seconds that a command may take to print a key."""

_OTHER_NAME = {"GEMINI_API_KEY": "GOOGLE_API_KEY"}
"""Google's tools accept both names (ai.google.dev, "Using Gemini API keys")."""


def key_sources(provider: ProviderSettings, env: Mapping[str, str]) -> tuple[str, ...]:
    """Where a key is said to be, the strongest first: "config" or "command", "file", and the name
    of a variable. Nothing is run and no file is looked at."""
    found = []
    if provider.api_key.strip():
        found.append("command" if _command(provider) else "config")
    if provider.api_key_file:
        found.append("file")
    if variable := _variable(provider, env):
        found.append(variable)
    return tuple(found)


async def read_key(
    name: str, provider: ProviderSettings, env: Mapping[str, str], *, limit_s: float = COMMAND_S
) -> str:
    """The key from the strongest source. Raises ``Unauthorised`` with a sentence about ``name``
    when the source does not give one; a weaker source is no substitute for it."""
    match key_sources(provider, env)[:1]:
        case ("config",):
            return provider.api_key
        case ("command",):
            from ion_core.config.key_command import printed  # start-up: asyncio's processes

            return await printed(name, _command(provider), env, limit_s)
        case ("file",):
            return _in_file(name, provider.api_key_file, env)
        case (variable,):
            return env[variable]
    return ""


def _variable(provider: ProviderSettings, env: Mapping[str, str]) -> str:
    """The variable that holds the key; empty when none does."""
    name = provider.api_key_env
    names = (name, _OTHER_NAME.get(name, ""))
    return next((each for each in names if each and env.get(each, "").strip()), "")


def _command(provider: ProviderSettings) -> str:
    text = provider.api_key.strip()
    return text[2:-1] if text.startswith("$(") and text.endswith(")") else ""


def _in_file(name: str, written: str, env: Mapping[str, str]) -> str:
    home = env.get("HOME", "")
    file = Path(home, written[2:]) if written.startswith("~/") and home else Path(written)
    try:
        key = file.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise Unauthorised(f"The key of {name} could not be read from {file}: {why}.") from error
    if not key:
        raise Unauthorised(f"The key of {name} should be in {file}, which is empty.")
    return key
