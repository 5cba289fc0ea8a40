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
