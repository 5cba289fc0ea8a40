"""The catalogue: the bundled copy, or a newer one that ``ion models refresh`` fetched.

Nothing is read before it is asked for, and only the page of the asked provider. A page that cannot
be read is as good as none: the bundled one is used, and what no page knows is unknown.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import msgspec

from ion_core.providers.base import ModelInfo
from ion_core.providers.catalogue.listing import Index, Listing, read_listing
from ion_core.providers.catalogue.lookup import Shelf
from ion_core.providers.catalogue.sources import PROVIDERS

BUNDLED = Path(__file__).parent / "data"
INDEX = "index.json"


class Catalogue:
    """What is known of models. ``cache`` is the folder of the refreshed copy, which need not
    exist; the newer of the two is used."""

    def __init__(self, cache: Path | None) -> None:
        self._cache = cache
        self._shelves: dict[str, Shelf] = {}

    @property
    def dated(self) -> str:
        """The ISO day of the copy in use."""
        return _index(self._folder).dated

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the copy in use comes from, with versions."""
        return _index(self._folder).sources

    def model(self, provider: str, id: str) -> ModelInfo | None:
        """What is known of a model, under the id it was asked by; None when it is not listed."""
        found = self._shelf(provider).find(id)
        return found.info(provider, id) if found else None

    def models(self, provider: str) -> list[ModelInfo]:
        """A provider's models, newest first and deprecated last."""
        return [model.info(provider) for model in self.listing(provider).models]

    def listing(self, provider: str) -> Listing:
        """A provider's page; an empty one for a provider that the catalogue does not have."""
        return self._shelf(provider).listing

    def _shelf(self, provider: str) -> Shelf:
        if provider not in self._shelves:
            self._shelves[provider] = Shelf(provider, self._read(provider))
        return self._shelves[provider]

    def _read(self, provider: str) -> Listing:
        # The name may be anybody's; only those of pages become part of a path.
        for folder in (self._folder, BUNDLED) if provider in PROVIDERS else ():
            try:
                return read_listing((folder / f"{provider}.json").read_bytes())
            except (OSError, msgspec.DecodeError):
                continue
        return Listing(dated="")

    @cached_property
    def _folder(self) -> Path:
        """The folder in use; the bundled one's date is read only where there is another."""
        refreshed = _index(self._cache).dated if self._cache else ""
        newer = refreshed and refreshed >= _index(BUNDLED).dated
        return self._cache if self._cache and newer else BUNDLED


def _index(folder: Path) -> Index:
    """The index of a folder; an empty one where there is none that can be read."""
    try:
        return msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)
    except (OSError, msgspec.DecodeError):
        return Index(dated="")
