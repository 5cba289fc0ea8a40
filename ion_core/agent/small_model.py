"""Which model does the small work beside a conversation: what a person set, else a cheap one of the
same provider, else none.

Nothing is sent to anybody who does not see the conversation anyway: of a provider that passes
requests on, only models of the same maker are chosen. What costs nothing is not chosen either,
since such offers are paid for with what is sent to them.
"""

from __future__ import annotations

from collections.abc import Sequence

from ion_core.providers.base import ModelInfo

TRIED = 4
"""So many are named, the cheapest first: a catalogue lists some that are no longer served."""
PROMPT, ANSWER = 500, 30
"""Tokens of such a request, by which prices are compared."""


def small_models(own: ModelInfo, configured: str, known: Sequence[ModelInfo]) -> list[str]:
    """Models (``provider/model``) for small work beside ``own``, the best first. ``known`` are
    those of its provider. The embedded model is never among them, unless it is ``own``."""
    if configured:
        is_other = configured.startswith("local/") and not own.ref.startswith("local/")
        return [] if is_other else [configured]
    priced = [model for model in known if _costs(model) > 0 and not model.deprecated]
    kin = [
        model for model in priced if _maker(model) == _maker(own) and _costs(model) <= _most(own)
    ]
    return [model.ref for model in sorted(kin, key=_costs)[:TRIED]]


def _costs(model: ModelInfo) -> float:
    price = model.price
    return price.input * PROMPT + price.output * ANSWER if price else 0.0


def _most(own: ModelInfo) -> float:
    """Nothing dearer than the conversation's own model does small work for it."""
    return _costs(own) or float("inf")


def _maker(model: ModelInfo) -> str:
    return model.id.rpartition("/")[0]
