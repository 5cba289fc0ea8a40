"""``ion sessions search``: what was said and done in any session."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ion_core.config.paths import ion_home
from ion_core.known_secrets import hidden, known_secrets
from ion_core.sanitize import sanitize
from ion_core.sessions.base import Hit
from ion_core.sessions.sqlite import SqliteStore

_FILTERS = (
    'filters: tag:NAME model:NAME folder:PART file:NAME is:error "cost>0.5" "cost<2" '
    "before:DATE after:DATE date:DATE (2025, 2025-11, 2025-11-23, today, yesterday, 7d). "
    'Words are all wanted; "a phrase" stays together; a word* begins words.'
)


def configure(actions: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """The subcommand."""
    search = actions.add_parser("search", help="find what was said and done", epilog=_FILTERS)
    search.add_argument("query", nargs="+", help="words, phrases in quotes, and filters")
    search.add_argument("--limit", type=_at_least_one, default=20, metavar="N")
    search.set_defaults(verb=run)


async def run(store: SqliteStore, options: argparse.Namespace) -> None:
    """Print the hits, the best first."""
    hits = await store.search(" ".join(options.query), limit=options.limit)
    secrets = known_secrets(ion_home(), Path.cwd())
    if options.json:
        found = {"hits": hidden(msgspec.to_builtins(hits), secrets)}
        print(msgspec.json.format(msgspec.json.encode(found), indent=2).decode())
    elif hits:
        print(sanitize(hidden(_table(hits), secrets)))
    else:
        print("Nothing found.", file=sys.stderr)


def _table(hits: Sequence[Hit]) -> str:
    return "\n\n".join(
        f"{time.strftime('%Y-%m-%d %H:%M', time.localtime(hit.at))}  {hit.session}  "
        f"{hit.entry}  {hit.role}  {hit.title or '(no title)'}\n  {hit.snippet}"
        for hit in hits
    )


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return min(number, 1_000)
