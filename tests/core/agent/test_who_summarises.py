"""Who writes a checkpoint: with ``auto`` whoever does it for less money."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from ion_core.agent.models import Choice
from ion_core.agent.summaries import Summaries
from ion_core.config.schema import CompactionSettings
from ion_core.errors import ConfigError
from ion_core.providers.base import ModelInfo
from ion_core.usage import Price
from tests.fakes.talks import GOOD, Teller, path, task, turns

DEAR = Price(input=5.0, output=25.0, cache_read=0.5)


def choice(id: str, price: Price | None, window: int = 400_000) -> Choice:
    model = ModelInfo(provider="p", id=id, price=price, window=window)
    return Choice(provider=cast(Any, None), model=model)


OWN = choice("large", DEAR)


async def by(
    monkeypatch: pytest.MonkeyPatch, small: Choice | None, *, cold: bool, model: str = "auto"
) -> str:
    """The model that is asked for the summary of a conversation of about 100,000 tokens."""
    known = {"p/large": OWN} | ({small.ref: small} if small else {})

    async def resolve(ref: str) -> Choice:
        if ref not in known:
            raise ConfigError(f"There is no model {ref}.")
        return known[ref]

    teller = Teller(GOOD)
    summaries = Summaries(
        cast(Any, None),
        CompactionSettings(model=model),
        resolve,
        lambda own: ["p/gone", small.ref if small else own, own],
        Path("/"),
    )
    asked: list[str] = []

    async def ask(who: Choice, request: Any, spent: Any) -> Any:
        asked.append(who.ref)
        return await teller(request)

    monkeypatch.setattr(summaries, "_ask", ask)
    given = task(path(*turns(30, words=700)), window=200_000, reason="person")
    await summaries.made(given, OWN, [], cold=cold)
    return asked[0]


@pytest.mark.parametrize(
    ("small", "cold", "who"),
    [
        (choice("small", Price(input=3.0, output=15.0)), False, "p/large"),
        (choice("small", Price(input=3.0, output=15.0)), True, "p/small"),
        (choice("tiny", Price(input=0.1, output=0.4)), False, "p/tiny"),
        (choice("tiny", Price(input=0.1, output=0.4), window=32_000), True, "p/large"),
        (choice("unknown", None), True, "p/large"),
        (None, True, "p/large"),
    ],
)
async def test_the_cheaper_one_sums_up(
    monkeypatch: pytest.MonkeyPatch, small: Choice | None, cold: bool, who: str
) -> None:
    assert await by(monkeypatch, small, cold=cold) == who


async def test_the_session_s_own_does_unless_somebody_says_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tiny = choice("tiny", Price(input=0.1, output=0.4))
    assert await by(monkeypatch, tiny, cold=True, model="session") == "p/large"
    assert await by(monkeypatch, tiny, cold=False, model="small") == "p/tiny"
