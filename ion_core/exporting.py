"""A session as a file, in any format: what ``ion sessions export`` and the app's ``/export`` write.

What is left out on request is what this machine knows to be secret, what looks like a secret, and
the person's folder.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ion_core.known_secrets import known_secrets
from ion_core.providers.redaction import without
from ion_core.sessions.blobs import Blobs

if TYPE_CHECKING:  # each format is imported for itself
    from ion_core.sessions.moving.outlet import Outlet
    from ion_core.sessions.moving.reading import Departure
    from ion_core.sessions.moving.redacted import Clean

ENDINGS = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".jsonl": "jsonl"}
"""Formats by the ends of the names of files."""


class Export(Protocol):
    """A file in the making. How many entries and which pictures are not in it is known at the
    end."""

    entries: int

    @property
    def missing(self) -> Sequence[str]:
        """The pictures that are gone."""

    def chunks(self) -> AsyncIterator[bytes]:
        """The file, piece by piece."""


def exported(
    departure: Departure,
    form: str,
    home: Path,
    *,
    outlet: Outlet | None = None,
    clean: Clean | None = None,
) -> Export:
    """The session in a format of ``ENDINGS``. ``home`` is ion's own folder; ``outlet`` the file
    that it goes to, if it does; ``clean`` what takes secrets out. What people read never has what
    can only be a key; JSONL is without loss, and has what was said. Blocking."""
    blobs = Blobs(home / "blobs")
    if clean is None and form in ("md", "html"):
        secrets = known_secrets(home, Path.cwd())
        clean = partial(without, secret=secrets)
    match form:
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


def cleaner(home: Path, cwd: Path) -> Clean:
    """What takes every known secret, what looks like one, and the person's folder out of a text.
    Blocking."""
    secrets = known_secrets(home, cwd)
    homes = {str(Path.home()), str(Path.home().resolve())} - {"/"}
    place = re.compile(
        "|".join(rf"{re.escape(each)}(?![\w.-])" for each in sorted(homes)) or r"\Z."
    )
    return lambda text: place.sub("~", without(text, secrets))
