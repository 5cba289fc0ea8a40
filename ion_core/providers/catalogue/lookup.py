"""Finding a model by an id that people or configurations wrote.

An id is tried as it is, then without what vendors add to the name of one and the same model: a
date, ``-latest``, their own name in front. Nothing looser: a wrong model would have a wrong price.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ion_core.providers.catalogue.listing import Listed, Listing

DATE = re.compile(r"[-@](20\d{2})-?(0[1-9]|1[0-2])-?(0[1-9]|[12]\d|3[01])$")
"""``-20250929``, ``-2025-09-29`` and, on Vertex AI, ``@20250929``."""

PREFIXES = {
    "google": ("models/", "publishers/google/models/"),
    "fireworks": ("accounts/fireworks/models/",),
}


class Shelf:
    """A listing, ready to be searched."""

    def __init__(self, provider: str, listing: Listing) -> None:
        self._provider, self.listing = provider, listing
        self._by_id = {
            alias.lower(): model for model in listing.models for alias in model.aliases
        } | {model.id.lower(): model for model in listing.models}

    def named(self, id: str) -> Listed | None:
        """The model of exactly this id, or that has it as another name."""
        return self._by_id.get(id.lower())

    def find(self, asked: str) -> Listed | None:
        """The model that ``asked`` names, in any case of letters."""
        names = _names(self._provider, asked.lower())
        return next((self._by_id[name] for name in names if name in self._by_id), None)


def _names(provider: str, asked: str) -> Iterator[str]:
    for name in (asked, *_unprefixed(provider, asked)):
        yield name
        yield DATE.sub("", name)
        yield name.removesuffix("-latest")


def _unprefixed(provider: str, asked: str) -> Iterator[str]:
    for prefix in (*PREFIXES.get(provider, ()), f"{provider}/"):
        if asked.startswith(prefix):
            yield asked.removeprefix(prefix)
            return
    for prefix in PREFIXES.get(provider, ()):
        yield prefix + asked
