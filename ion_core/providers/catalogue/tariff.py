"""Prices of genai-prices as ion's own. For building the catalogue only: it needs that package.

A price that depends on the hour is taken at its dearest, so that no budget is overrun; batch, flex
and priority rates are not what ion asks for. Above a tier's size all tokens of a request cost the
tier's price, there as here.
"""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from genai_prices.data import providers as PROVIDERS
from genai_prices.types import (
    ClauseEquals,
    ClauseOr,
    MatchLogic,
    ModelInfo,
    ModelPrice,
    Provider,
    TieredPrices,
    TimeOfDateConstraint,
)

from ion_core.usage import Price, Tier

REGIONAL = "regional."
"""With this, genai-prices names Bedrock's ids of every region but ``global.``."""


class Tariff:
    """The prices of one provider in force on ``day``."""

    def __init__(self, name: str, day: date) -> None:
        self._provider: Provider = next(each for each in PROVIDERS if each.id == name)
        self._day = day
        self._found: dict[str, ModelInfo | None] = {}

    def find(self, model: str) -> ModelInfo | None:
        """Whose price a model of this id has, also where another vendor's holds (Azure)."""
        if model not in self._found:
            found = self._provider.find_model(model, all_providers=PROVIDERS)
            self._found[model] = found
        return self._found[model]

    def owns(self, model: ModelInfo | None) -> bool:
        """Whether the price is this provider's own."""
        return any(each is model for each in self._provider.models)

    def models(self) -> list[ModelInfo]:
        """Every model that has a price of its own here."""
        return self._provider.models

    def price(self, model: ModelInfo) -> Price | None:
        """Per million tokens; None when there is one of input or output only, or one a request."""
        due = self._in_force(model)
        if due.input_mtok is None or due.output_mtok is None or due.requests_kcount is not None:
            return None
        rates = (due.input_mtok, due.output_mtok, due.cache_read_mtok, due.cache_write_mtok)
        steps = {
            tier.start for rate in rates if isinstance(rate, TieredPrices) for tier in rate.tiers
        }
        tiers = [_tier(due, above) for above in sorted(steps)]
        base = _tier(due, -1)
        return Price(
            input=base.input,
            output=base.output,
            cache_read=base.cache_read,
            cache_write=base.cache_write,
            tiers=tuple(tiers),
        )

    def _in_force(self, model: ModelInfo) -> ModelPrice:
        if isinstance(model.prices, ModelPrice):
            return model.prices
        noon = datetime.combine(self._day, time(12))
        hourly = [
            each for each in model.prices if isinstance(each.constraint, TimeOfDateConstraint)
        ]
        dated = [
            each
            for each in model.prices
            if each not in hourly and (each.constraint is None or each.constraint.active(noon))
        ]
        return max(
            [each.prices for each in (*dated[-1:], *hourly)], key=lambda p: _tier(p, -1).input
        )


def _tier(price: ModelPrice, above: int) -> Tier:
    """What holds just above a size; all four rates, whether they change there or not."""
    return Tier(
        above=above,
        input=_rate(price.input_mtok, above) or 0.0,
        output=_rate(price.output_mtok, above) or 0.0,
        cache_read=_rate(price.cache_read_mtok, above),
        cache_write=_rate(price.cache_write_mtok, above),
    )


def _rate(rate: Decimal | TieredPrices | None, above: int) -> float | None:
    if isinstance(rate, TieredPrices):
        reached = [tier.price for tier in rate.tiers if above >= tier.start]
        rate = reached[-1] if reached else rate.base
    return None if rate is None else float(rate)


def ids(model: ModelInfo) -> list[str]:
    """The ids that are surely the model's: its own when that is one, and those it must equal."""
    equal = [text for text in _equal(model.match) if not text.startswith("global.")]
    if model.id.startswith(REGIONAL):
        return sorted(equal, key=lambda text: not text.startswith("anthropic."))
    lower = model.id.lower()
    own = [lower if lower in equal else model.id] if model.is_match(model.id) else []
    return list(dict.fromkeys([*own, *equal]))


def _equal(match: MatchLogic) -> list[str]:
    match match:
        case ClauseEquals(equals=text):
            return [text]
        case ClauseOr(or_=clauses):
            return [text for clause in clauses for text in _equal(clause)]
        case _:
            return []
