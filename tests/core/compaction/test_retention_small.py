"""A small run of ``make bench-context``: what must survive any model does."""

from __future__ import annotations

from tests.bench_context.facts import Planter
from tests.bench_context.retention import Score, play_ours, reach
from tests.bench_context.sessions import generated
from tests.bench_context.summarisers import hostile, oracle


async def test_what_ledgers_hold_survives_a_model_that_keeps_nothing() -> None:
    planter, teller = Planter(3), hostile(3)
    ours, known = await play_ours(generated(planter, 3), planter, teller, 64_000, 2)
    score = Score("ion")
    score.add(planter.facts[:known], ours.context, ours.compactions)
    assert ours.compactions == 2
    assert known >= 5
    assert score.share("constraint", "modified", "error", "todo") == 1.0
    assert await reach(ours, planter.facts[:known], lambda fact: fact.topic) > 0.85


async def test_a_good_model_keeps_more_than_a_bad_one() -> None:
    shares = []
    for make in (hostile, oracle):
        planter, teller = Planter(3), make(3)
        ours, known = await play_ours(generated(planter, 3), planter, teller, 64_000, 2)
        score = Score("ion")
        score.add(planter.facts[:known], ours.context, ours.compactions)
        shares.append(score.share())
    assert shares[1] > shares[0]
