"""A newer copy of the catalogue: fetched, read, and laid over the bundled one.

The bundled copy is kept wherever it knows more: a price that the newer one lacks, tiers and cache
prices beside an unchanged price, other names. Nothing is written here.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ion_core.errors import BadRequest, ConfigError, ConnectionFailed, ProviderError
from ion_core.providers.catalogue.catalogue import Catalogue
from ion_core.providers.catalogue.known import completed
from ion_core.providers.catalogue.listing import Listed, Listing
from ion_core.providers.catalogue.lookup import Shelf
from ion_core.providers.catalogue.models_dev import read_vendors
from ion_core.providers.catalogue.order import newest_first
from ion_core.providers.catalogue.sources import MODELS_DEV
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.http import Http

LIMIT_S = 60.0
"""Seconds for the whole file of some megabytes."""

DEARER_HERE = frozenset({"bedrock", "copilot"})
"""Providers that models.dev lists at the makers' own prices: the bundled ones are better known."""


class News(Struct, frozen=True, kw_only=True):
    """What a refresh brought: models that were not listed before, and prices that are others."""

    models: int
    prices: int


async def fetch(url: str) -> bytes:
    """The file at ``url``. Raises ``ConfigError`` for what is no address, ``ProviderError`` with
    one sentence for everything else."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"catalogue.url is {url!r}, which is no address.")
    http = Http(Endpoint(name=parts.hostname, base_url=f"{parts.scheme}://{parts.netloc}"))
    path = parts.path.lstrip("/") + (f"?{parts.query}" if parts.query else "")
    try:
        return await http.get(path, timeout_s=LIMIT_S)
    except ProviderError as error:
        # What a provider's refusal advises is about keys and models, and is wrong here.
        said = f"it answered {error.status}." if error.status else str(error)
        why = f"{url} could not be read, so the catalogue stays as it was: {said}"
        kind = ConnectionFailed if error.retryable else BadRequest
        raise kind(why, retryable=error.retryable) from error
    finally:
        await http.aclose()


def renewed(body: bytes, dated: str, source: str) -> dict[str, Listing]:
    """The pages that ``body`` knows, by ion's names of providers. Raises ``BadRequest`` when it is
    not in the form of models.dev, or knows none of them."""
    try:
        vendors = read_vendors(body)
    except msgspec.DecodeError as error:
        raise BadRequest(f"{source} is no list of models in the form of models.dev.") from error
    bundled = Catalogue(None)
    found = {name: vendors.get(other, []) for name, other in MODELS_DEV.items()}
    if not any(found.values()):
        raise BadRequest(f"{source} lists no models of any provider that ion knows.")
    return {
        name: Listing(
            dated=dated,
            sources=(f"{source} {dated}", *bundled.sources),
            models=newest_first(_joined(name, bundled.listing(name), models)),
        )
        for name, models in found.items()
        if models
    }


def news(old: Catalogue, pages: dict[str, Listing]) -> News:
    """What ``pages`` say that ``old`` did not."""
    new, changed = 0, 0
    for name, page in pages.items():
        before = {model.id: model for model in old.listing(name).models}
        known = [model for model in page.models if model.id in before]
        new += len(page.models) - len(known)
        changed += sum(model.price != before[model.id].price for model in known)
    return News(models=new, prices=changed)


def _joined(name: str, bundled: Listing, fresh: list[Listed]) -> list[Listed]:
    shelf = Shelf(name, bundled)
    models = {model.id: model for model in bundled.models}
    for model in fresh:
        known = models.get(model.id) or shelf.named(model.id)
        whole = _over(name, model, known) if known else model
        models[model.id] = completed(name, whole, measured=True)
    return [_alone(model, models) for model in models.values()]


def _over(name: str, fresh: Listed, known: Listed) -> Listed:
    """``fresh`` with what only ``known`` says."""
    return replace(
        fresh,
        name=fresh.name or known.name,
        window=fresh.window or known.window,
        max_output=fresh.max_output or known.max_output,
        efforts=fresh.efforts or known.efforts,
        price=known.price if _keeps_price(name, fresh, known) else fresh.price,
        released=fresh.released or known.released,
        deprecated=fresh.deprecated or known.deprecated,
        successor=known.successor,
        aliases=known.aliases,
    )


def _keeps_price(name: str, fresh: Listed, known: Listed) -> bool:
    new, old = fresh.price, known.price
    if new is None or old is None:
        return new is None
    return name in DEARER_HERE or (new.input, new.output) == (old.input, old.output)


def _alone(model: Listed, models: dict[str, Listed]) -> Listed:
    """Without other names that are models of their own now, or its own."""
    return replace(model, aliases=tuple(name for name in model.aliases if name not in models))
