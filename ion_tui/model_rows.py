"""A model as a row: provider and id, what it can do, its window and what it costs."""

from __future__ import annotations

from ion_core.providers.base import ModelInfo
from ion_core.usage import Price
from ion_tui.figures import price, tokens
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

PLANS = frozenset({"chatgpt", "copilot"})
"""Providers that are paid by the month: what costs nothing there is in the plan."""
FAVOURITE, RECENT, OLD = 200, 100, -2_000
"""What speaks for a row besides the letters that were typed, and against a deprecated one."""
FIRST_YEAR, MONTHS = 2023, 72
"""A newer model is worth a little more: one for each month since then, so many at most."""
COLUMNS = f"{'window':>6} {'in $/M':>9} {'out $/M':>9}"


def cost(info: ModelInfo) -> str:
    """The columns of money, in US dollars per million tokens. What nobody knows is not 0."""
    if info.price is None:
        return f"{'price ?':>19}"
    if _nothing(info.price):
        return f"{'plan' if info.provider in PLANS else 'free':>19}"
    return f"{price(info.price.input):>9} {price(info.price.output):>9}"


def _nothing(due: Price) -> bool:
    dearer = any(tier.input or tier.output for tier in due.tiers)
    return not (due.input or due.output or due.cache_read or due.cache_write or dearer)


def model_row(info: ModelInfo, *, star: bool, recent: bool, words: str = "") -> Choice:
    """``words`` say what the model is to this session."""
    weight = FAVOURITE * star + RECENT * recent + OLD * info.deprecated + _months(info.released)
    return Choice(
        value=info.ref,
        lead=f"{one_line(info.provider)}/",
        name=one_line(info.id),
        detail=" · ".join(part for part in (words, *_facts(info)) if part),
        right=f"{tokens(info.window) if info.window else '?':>6} {cost(info)}",
        mark="★" if star else "",
        weight=weight,
    )


def _months(date: str) -> int:
    """How new a model of that ISO date is; 0 for no date."""
    year, month = date[:4], date[5:7]
    if not (year.isdigit() and month.isdigit()):
        return 0
    return max(0, min(MONTHS, (int(year) - FIRST_YEAR) * 12 + int(month)))


def _facts(info: ModelInfo) -> list[str]:
    facts = []
    if info.deprecated:
        facts.append(f"deprecated, use {info.successor}" if info.successor else "deprecated")
    facts += ["vision"] * info.vision
    facts += ["thinking"] * (info.reasoning or bool(info.efforts))
    said, known = _letters(info.name), _letters(info.id)
    return [*map(one_line, facts), *([one_line(info.name)] if said not in known else [])]


def _letters(text: str) -> str:
    return "".join(letter for letter in text.lower() if letter.isalnum())
