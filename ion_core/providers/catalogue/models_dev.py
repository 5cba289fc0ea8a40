"""What https://models.dev/api.json says, as listings.

Its form: ``{provider: {"models": {id: {name, limit, cost, modalities, …}}}}``, prices in US dollars
per million tokens. A model that is written in another way is left out, and the rest is read.
"""

from __future__ import annotations

import msgspec
from msgspec import Struct

from ion_core.providers.catalogue.chat import is_chat
from ion_core.providers.catalogue.listing import Listed
from ion_core.usage import Price, Tier

LONG = 200_000
"""Tokens of prompt above which ``context_over_200k`` holds."""


class Rates(Struct, frozen=True):
    input: float
    output: float
    cache_read: float | None = None
    cache_write: float | None = None


class Band(Struct, frozen=True):
    """From which size on a tier holds; other types than ``context`` are not by prompt."""

    size: int
    type: str = "context"


class Step(Rates, frozen=True, kw_only=True):
    tier: Band


class Cost(Rates, frozen=True, kw_only=True):
    tiers: list[Step] = []
    context_over_200k: Rates | None = None


class Limit(Struct, frozen=True):
    context: int = 0
    output: int = 0


class Modalities(Struct, frozen=True):
    input: list[str] = []
    output: list[str] = []


class Option(Struct, frozen=True):
    """A control of thinking; of ``type`` "effort" the ``values`` are the words it takes."""

    type: str
    values: list[str | None] = []


class Model(Struct, frozen=True, kw_only=True):
    id: str
    name: str = ""
    limit: Limit = Limit()
    modalities: Modalities = Modalities()
    cost: Cost | None = None
    reasoning: bool = False
    reasoning_options: list[Option] = []
    tool_call: bool = True
    release_date: str = ""
    status: str = ""


class Vendor(Struct, frozen=True):
    models: dict[str, msgspec.Raw]


def read_vendors(body: bytes) -> dict[str, list[Listed]]:
    """The models for conversations of each provider, by models.dev's own names of providers.

    Raises ``msgspec.DecodeError`` when it is not such a file at all.
    """
    raws = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    return {name: _models(raw) for name, raw in raws.items()}


def _models(raw: msgspec.Raw) -> list[Listed]:
    try:
        rows = msgspec.json.decode(raw, type=Vendor).models.values()
    except msgspec.ValidationError:
        return []
    models = [model for row in rows if (model := _model(row))]
    return [_listed(model) for model in models if _converses(model)]


def _model(row: msgspec.Raw) -> Model | None:
    try:
        return msgspec.json.decode(row, type=Model, strict=False)
    except msgspec.ValidationError:
        return None


def _converses(model: Model) -> bool:
    return "text" in model.modalities.output and is_chat(model.id)


def _listed(model: Model) -> Listed:
    return Listed(
        id=model.id,
        name=model.name,
        window=model.limit.context,
        max_output=model.limit.output,
        vision="image" in model.modalities.input,
        reasoning=model.reasoning,
        tools=model.tool_call,
        efforts=_efforts(model),
        price=_price(model),
        released=_day(model.release_date),
        deprecated=model.status == "deprecated",
    )


def _efforts(model: Model) -> tuple[str, ...]:
    words = [option.values for option in model.reasoning_options if option.type == "effort"]
    return tuple(word for word in words[0] if word) if words else ()


def _day(text: str) -> str:
    """An ISO day, also where only the month or the year is known."""
    return (text + "-01-01"[len(text) - 4 :])[:10] if len(text) in (4, 7) else text[:10]


def _price(model: Model) -> Price | None:
    """The price, or None: a 0 is believed only of a model that calls itself free, since elsewhere
    it stands for a subscription or for nobody having looked."""
    cost = model.cost
    if cost is None or (not (cost.input and cost.output) and not model.id.endswith(":free")):
        return None
    return Price(
        input=cost.input,
        output=cost.output,
        cache_read=cost.cache_read,
        cache_write=cost.cache_write,
        tiers=tuple(_tiers(cost)),
    )


def _tiers(cost: Cost) -> list[Tier]:
    steps = [(step.tier.size, step) for step in cost.tiers if step.tier.type == "context"]
    if not steps and cost.context_over_200k:
        return [_tier(LONG, cost.context_over_200k)]
    return [_tier(size, step) for size, step in steps]


def _tier(above: int, rates: Rates) -> Tier:
    return Tier(
        above=above,
        input=rates.input,
        output=rates.output,
        cache_read=rates.cache_read,
        cache_write=rates.cache_write,
    )
