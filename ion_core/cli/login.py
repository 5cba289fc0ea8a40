"""``ion login [PROVIDER]``: a key or a login, asked for once and kept."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ion_core.errors import ConfigError

if TYPE_CHECKING:
    from ion_core.accounts import Account, Accounts
    from ion_core.cli.companion import Terminal
    from ion_core.providers.auth.companion import Way


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion login``."""
    parser.add_argument("provider", nargs="?", default="", metavar="PROVIDER", help="such as groq")
    parser.add_argument(
        "--way",
        choices=("key", "browser", "device"),
        help="paste a key, agree in a browser, or enter a code in a browser anywhere",
    )
    parser.add_argument("--yes", action="store_true", help="agree to what would be asked")


def run(options: argparse.Namespace) -> int:
    """Log in; the exit code. Raises ``ConfigError`` and ``ProviderError``."""
    import asyncio  # start-up: --help needs none of these

    from ion_core.accounts import Accounts
    from ion_core.config.load import load
    from ion_core.config.paths import ion_home

    accounts = Accounts(load(Path.cwd()).settings, os.environ, ion_home())
    try:
        asyncio.run(_log_in(accounts, options))
    except asyncio.CancelledError:
        print("Nothing was changed.", file=sys.stderr)
        return 130
    finally:
        for complaint in accounts.complaints:
            print(f"warning: {complaint}", file=sys.stderr)
    return 0


async def _log_in(accounts: Accounts, options: argparse.Namespace) -> None:
    from ion_core.cli.companion import Terminal  # start-up: as above

    terminal = Terminal(os.environ)
    provider = options.provider or await _picked(accounts, terminal)
    way = options.way or _usual(accounts, provider)
    await accounts.log_in(provider, way, terminal, agreed=options.yes)
    print(f"Logged in to {provider}. {_next(provider)}")
    from ion_core.cli.listing import extensions_here  # few folders have hooks for it

    said = {"message": f"Logged in to {provider}.", "title": "ion"}
    kind = "auth_success"
    await extensions_here().occurs("Notification", kind, notification_type=kind, **said)


async def _picked(accounts: Accounts, terminal: Terminal) -> str:
    """The provider that a person picks from a numbered list."""
    offered = [account for account in accounts.all() if _offered(account)]
    if not sys.stdin.isatty():
        raise ConfigError("Say which provider: ion login PROVIDER. `ion auth` lists them.")
    for number, account in enumerate(offered, start=1):
        print(f"{number:>3}  {account.provider:<12} {_state(account)}", file=sys.stderr)
    answer = await terminal.ask("Which one? Its number or name:")
    if answer.isdigit() and 1 <= int(answer) <= len(offered):
        return offered[int(answer) - 1].provider
    return answer


def _offered(account: Account) -> bool:
    """Whether it needs a key: servers on this machine usually take none."""
    return bool(account.ways) and (bool(account.variable) or account.ways != ("key",))


def _state(account: Account) -> str:
    ways = ", ".join(account.ways)
    return f"by {ways}" + (f" (now: {account.source})" if account.source else "")


def _usual(accounts: Accounts, provider: str) -> Way:
    """The first way, unless a pipe brings a key or no browser can be opened here."""
    try:
        ways = accounts.account(provider).ways
    except ConfigError:
        return "key"  # the login itself says what is wrong with the name
    if not sys.stdin.isatty() and "key" in ways:
        return "key"
    from ion_core.cli.companion import has_browser  # start-up: as above

    if ways[:1] == ("browser",) and "device" in ways and not has_browser(os.environ):
        return "device"
    return ways[0] if ways else "key"


def _next(provider: str) -> str:
    from ion_core.roster import FAVOURITES  # start-up: --help needs none of the agent

    if provider in FAVOURITES:
        return f"Try: ion -m {provider}/{FAVOURITES[provider]}"
    return f"Choose a model: ion models --provider {provider}, then ion -m {provider}/MODEL"
