"""``ion auth``: which source gives each provider's key, and never the key."""

from __future__ import annotations

import argparse
import os
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ion_core.accounts import Account

WIDTH = 100
"""Columns of the list of providers without a key."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion auth``."""
    parser.add_argument("--json", action="store_true", help="print JSON, every provider")


def run(options: argparse.Namespace) -> int:
    """Print what is known; the exit code."""
    from ion_core.accounts import Accounts  # start-up: --help needs none of these
    from ion_core.config.load import load
    from ion_core.config.paths import ion_home

    accounts = Accounts(load(Path.cwd()).settings, os.environ, ion_home())
    known = accounts.all()
    for complaint in accounts.complaints:
        print(f"warning: {complaint}", file=sys.stderr)
    print(as_json(known) if options.json else as_table(known))
    return 0


def as_json(accounts: Sequence[Account]) -> str:
    """A list of objects: ``provider``, ``source`` (null for none), ``also`` (what would win without
    it), ``variable`` and ``ways``."""
    import msgspec  # start-up: as above

    rows = [
        {
            "provider": account.provider,
            "source": account.source or None,
            "also": account.also,
            "variable": account.variable or None,
            "ways": account.ways,
        }
        for account in accounts
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def as_table(accounts: Sequence[Account]) -> str:
    """A line for each provider with a key, and the names of the rest."""
    having = [account for account in accounts if account.source]
    width = max((len(account.provider) for account in having), default=0)
    lines = [f"{account.provider:<{width}}  {_told(account)}" for account in having]
    rest = [_wanting(account) for account in accounts if not account.source and _wants(account)]
    if rest:
        names = f"{'No key' if not having else 'No key yet'}: {', '.join(rest)}."
        lines += textwrap.wrap(names, WIDTH, subsequent_indent="  ", break_on_hyphens=False)
    return "\n".join([*lines, "Get one with: ion login PROVIDER"])


def _told(account: Account) -> str:
    also = f" (without it: {', '.join(account.also)})" if account.also else ""
    return f"{account.source}{also}"


def _wants(account: Account) -> bool:
    return bool(account.variable) or account.ways not in ((), ("key",))


def _wanting(account: Account) -> str:
    return f"{account.provider} ({account.variable or 'login'})"
