"""Which key a provider is spoken to with."""

from __future__ import annotations

import os
from collections.abc import Mapping

from ion_core.config.schema import ProviderSettings

_OTHER_NAME = {"GEMINI_API_KEY": "GOOGLE_API_KEY"}
"""Google's tools accept both names (ai.google.dev, "Using Gemini API keys")."""


def api_key(provider: ProviderSettings, env: Mapping[str, str] | None = None) -> str:
    """The key of ``provider``: the file's, else that of its variable; empty when there is none."""
    env = os.environ if env is None else env
    name = provider.api_key_env
    found = provider.api_key or env.get(name, "") or env.get(_OTHER_NAME.get(name, ""), "")
    return found.strip()
