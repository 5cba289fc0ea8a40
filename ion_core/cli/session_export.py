"""``ion sessions export``: a session as a file, for a machine, a reader or a browser."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ion_core.errors import ConfigError

if TYPE_CHECKING:  # the app passes here; each format is imported for itself
    from ion_core.sessions.moving.cut import Cut
    from ion_core.sessions.moving.outlet import Outlet
    from ion_core.sessions.moving.reading import Departure
    from ion_core.sessions.moving.redacted import Clean
    from ion_core.sessions.sqlite import SqliteStore

_ENDINGS = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html"}


class Export(Protocol):
    """A file in the making. How many entries and which pictures are not in it is known at the
    end."""

    entries: int

    @property
    def missing(self) -> Sequence[str]:
        """The pictures that are gone."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The file, piece by piece."""


async def export(store: SqliteStore, options: argparse.Namespace) -> None:
    """Write what was asked for. Raises ``SessionNotFound``, ``ConfigError`` and ``OSError``."""
    from ion_core.ids import SessionId
    from ion_core.sessions.moving.outlet import Outlet
    from ion_core.sessions.moving.reading import Departure

    info = await store.info(SessionId(options.id))
    departure = Departure(store, info.id, _cut(options))
    if options.output is None:
        made = _made(departure, options, None)
        async for chunk in made.chunks():
            _put(chunk)
    else:
        _check(options.output)
        with Outlet(options.output, force=options.force) as outlet:
            made = _made(departure, options, outlet)
            async for chunk in made.chunks():
                outlet.write(chunk)
    _report(options, info.id, made)


def _made(departure: Departure, options: argparse.Namespace, outlet: Outlet | None) -> Export:
    from ion_core.config.paths import ion_home
    from ion_core.sessions.blobs import Blobs

    blobs = Blobs(ion_home() / "blobs")
    clean = _clean() if options.redact else None
    match _format(options):
        case "md":
            from ion_core.sessions.moving.markdown import Markdown

            return Markdown(departure, clean=clean)
        case "html":
            from ion_core.sessions.moving.html_page import HtmlPage

            return HtmlPage(departure, blobs, clean=clean)
        case _:
            from ion_core.sessions.moving.jsonl import Jsonl

            beside = outlet.beside if outlet else None
            return Jsonl(departure, blobs, beside=beside, clean=clean)


def _format(options: argparse.Namespace) -> str:
    ending = options.output.suffix.lower() if options.output else ""
    return str(options.format or _ENDINGS.get(ending, "jsonl"))


def _cut(options: argparse.Namespace) -> Cut | None:
    """One path where one was asked for, the active branch unless another was named."""
    from ion_core.ids import EntryId
    from ion_core.sessions.moving.cut import Cut

    if options.from_ and _format(options) == "jsonl":
        raise ConfigError(
            "A JSONL export is for import and begins at the beginning. "
            "--from goes with --format md and html."
        )
    if not (options.branch or options.from_ or options.to_):
        return None
    first, last = (EntryId(name) if name else None for name in (options.from_, options.to_))
    return Cut(branch=options.branch, first=first, last=last)


def _clean() -> Clean:
    """What takes every known secret, what looks like one, and the home folder out of a text."""
    from ion_core.config.paths import ion_home
    from ion_core.known_secrets import known_secrets
    from ion_core.providers.redaction import without

    secrets = known_secrets(ion_home(), Path.cwd())
    homes = {str(Path.home()), str(Path.home().resolve())} - {"/"}
    home = re.compile("|".join(rf"{re.escape(each)}(?![\w.-])" for each in sorted(homes)) or r"\Z.")
    return lambda text: home.sub("~", without(text, secrets))


def _check(output: Path) -> None:
    if not output.parent.is_dir():
        raise ConfigError(f"{output.parent} is not a folder. Make it, or name another file.")
    if output.is_dir():
        raise ConfigError(f"{output} is a folder. Name a file in it.")


def _put(chunk: bytes) -> None:
    from ion_core import streams

    streams.put(chunk)


def _report(options: argparse.Namespace, session: str, made: Export) -> None:
    """What became of it: on standard error where standard output is the export itself."""
    import json

    where = sys.stderr if options.output is None else sys.stdout
    missing = len(made.missing)
    if options.json:
        told = {"session": session, "file": options.output and str(options.output)}
        print(json.dumps({**told, "entries": made.entries, "missing": missing}), file=where)
        return
    if options.output is not None:
        print(f"{options.output}: {made.entries} entries.")
    if missing:
        print(f"{missing} pictures are gone and not in it.", file=sys.stderr)
