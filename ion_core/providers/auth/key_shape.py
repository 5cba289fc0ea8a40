"""What a key may look like, and whose it seems to be.

A vendor's own prefix tells where a key belongs; a few tokens ion must not use at all.
"""

from __future__ import annotations

from ion_core.errors import Unauthorised
from ion_core.providers.auth.terms import NO_CLAUDE_PLAN, PLAN_TOKEN

_OWNERS = (
    ("sk-ant-", "anthropic"),
    ("sk-or-", "openrouter"),
    ("sk-proj-", "openai"),
    ("sk-svcacct-", "openai"),
    ("gsk_", "groq"),
    ("xai-", "xai"),
    ("AIza", "google"),
    ("csk-", "cerebras"),
    ("fw_", "fireworks"),
    ("tgp_", "together"),
)
"""Prefixes that one vendor uses alone."""


def usable(provider: str, key: str) -> str:
    """``key`` without what surrounds it. Raises ``Unauthorised`` for what can be no key, or is one
    that ion must not use."""
    key = key.strip().strip("\"'")
    if key.startswith(PLAN_TOKEN):
        raise Unauthorised(NO_CLAUDE_PLAN)
    if not key:
        raise Unauthorised(f"The key of {provider} is empty.")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise Unauthorised(
            f"The key of {provider} has spaces or characters that no key has; set it again."
        )
    return key


def other_owner(provider: str, key: str) -> str:
    """The vendor whose prefix the key has, when ``provider`` is another vendor with a prefix of
    its own or none that is known; empty when nothing speaks against the key."""
    owner = next((name for prefix, name in _OWNERS if key.startswith(prefix)), "")
    return owner if owner != provider else ""
