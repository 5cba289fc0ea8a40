"""``ion logout PROVIDER``: forget a login, and end it at its server where that is possible."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ion_core.accounts import Accounts


def configure(parser: argparse.ArgumentParser) -> None:
    """The argument of ``ion logout``."""
    parser.add_argument("provider", metavar="PROVIDER", help="such as openrouter")


def run(options: argparse.Namespace) -> int:
    """Log out; the exit code. Raises ``ConfigError``."""
    import asyncio  # start-up: --help needs none of these

    from ion_core.accounts import Accounts
    from ion_core.cli.companion import Terminal
    from ion_core.config.load import load
    from ion_core.config.paths import ion_home

    accounts = Accounts(load(Path.cwd()).settings, os.environ, ion_home())
    gone = asyncio.run(accounts.log_out(options.provider, Terminal(os.environ)))
    for complaint in accounts.complaints:
        print(f"warning: {complaint}", file=sys.stderr)
    sentence = "Logged out of" if gone else "ion keeps no login of"
    print(f"{sentence} {options.provider}.{_still(accounts, options.provider)}")
    return 0


def _still(accounts: Accounts, provider: str) -> str:
    """What gives a key all the same."""
    if not accounts.has_key(provider):
        return ""
    return f" Its key comes from elsewhere ({accounts.account(provider).source})."
