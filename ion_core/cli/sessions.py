"""``ion sessions``: the store from the command line.

Here is what its subcommands have in common: their options, and a store that is open while one of
them works. The work itself is imported for the chosen one alone.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

from ion_core.cli import session_options

if TYPE_CHECKING:  # start-up: the help passes here
    from ion_core.sessions.sqlite import SqliteStore

Verb: TypeAlias = "Callable[[SqliteStore, argparse.Namespace], Awaitable[None]]"

configure = session_options.configure


def run(options: argparse.Namespace) -> int:
    """Do what was asked; the exit code."""
    import asyncio  # start-up: as above

    if options.action == "repair":  # of a file that may not open as a store
        from ion_core.cli.session_repair import repair

        return repair(options)
    module, name = options.work
    verb: Verb = getattr(import_module(f"ion_core.cli.{module}"), name)
    asyncio.run(_with_store(verb, options))
    return 0


async def _with_store(verb: Verb, options: argparse.Namespace) -> None:
    import sys
    import time

    from ion_core.config.paths import ion_home
    from ion_core.sessions.vault import Vault

    vault = Vault(ion_home() / "sessions.db", time.time)
    store = await vault.open()
    try:
        await vault.whole(store, lambda: verb(store, options))
    finally:
        for news in vault.news:
            print(f"ion: {news}", file=sys.stderr)
        await store.aclose()
