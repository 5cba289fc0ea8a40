"""The authorisation servers of the logins that go through a browser."""

from __future__ import annotations

from msgspec import Struct


class Servers(Struct, frozen=True, kw_only=True):
    """Their addresses, and the ports of this machine that ChatGPT's sends a browser back to.

    Tests have their own; no setting leads here, since whoever could change these would be given
    the tokens.
    """

    openai: str = "https://auth.openai.com"
    openrouter: str = "https://openrouter.ai"
    github: str = "https://github.com"
    ports: tuple[int, ...] = (1455, 1457)
