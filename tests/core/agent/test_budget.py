"""What a budget says of its limits, and when it stops."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ion_core.agent.budget import Budget, Limits
from ion_core.errors import BudgetExceeded
from ion_core.usage import Usage

PRICED = Usage(input=60, output=20)


def stopped(budget: Budget) -> str:
    try:
        budget.check()
    except BudgetExceeded as reached:
        return str(reached)
    return ""


class Hand:
    """A clock that is moved by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_limit_that_comes_near_is_told_once() -> None:
    budget = Budget(Limits(tokens=100))
    budget.charge(PRICED, 1)
    assert budget.news() == ["80 % of the run's limit on tokens is used: 80 of 100 tokens used."]
    budget.charge(Usage(input=10), 1)
    assert budget.news() == []
    assert stopped(budget) == ""


def test_an_unknown_price_is_told_once_where_money_is_limited() -> None:
    budget = Budget(Limits(cost_nano=5))
    budget.charge(PRICED, None)
    budget.charge(PRICED, None)
    assert ["unknown" in news for news in budget.news()] == [True]
    assert budget.news() == []


def test_what_a_run_uses_is_charged_to_its_session_which_stops_it() -> None:
    session = Budget(Limits(cost_nano=10**9), used=Limits(cost_nano=9 * 10**8), of="session")
    run = Budget(Limits(), parent=session)
    run.charge(PRICED, 10**8)
    assert stopped(run).startswith("Stopped at the session's limit on cost: $1.0000 of $1 spent.")
    assert "limits.session_max_cost_usd" in stopped(run)


def test_a_child_stops_its_parent_however_deep_it_is() -> None:
    top = Budget(Limits(steps=2))
    child = Budget(Limits(), parent=Budget(Limits(), parent=top))
    child.step()
    assert stopped(top) == ""
    child.step()
    assert "turn limit" in stopped(top)


def test_time_counts_while_something_runs_and_once_for_what_runs_together() -> None:
    clock = Hand()
    session = Budget(Limits(time_s=10), of="session", clock=clock)
    one, other = (Budget(Limits(), parent=session, clock=clock) for _ in range(2))
    with one.running(), other.running():
        clock.now += 4
    clock.now += 100
    assert session.left_s() == 6
    with one.running():
        assert (one.left_s(), one.near_s()) == (6, 4)
        clock.now += 6
        assert "limit on time: 10.0 of 10 seconds" in stopped(one)


LIMITS = st.builds(
    Limits,
    steps=st.integers(0, 6),
    cost_nano=st.integers(0, 50),
    tokens=st.integers(0, 50),
    time_s=st.integers(0, 20).map(float),
)
STEPS = st.lists(st.tuples(st.integers(0, 15), st.integers(0, 15), st.integers(0, 5)), max_size=12)


@given(own=LIMITS, above=LIMITS, steps=STEPS)
def test_work_stops_exactly_where_a_limit_is_reached_and_is_told_at_most_once(
    own: Limits, above: Limits, steps: list[tuple[int, int, int]]
) -> None:
    clock = Hand()
    parent = Budget(above, of="session", clock=clock)
    budget, told = Budget(own, parent=parent, clock=clock), list[str]()
    used, near = [0, 0, 0, 0], set[tuple[int, int]]()
    with budget.running():
        for tokens, cost, seconds in steps:
            clock.now += seconds
            budget.step()
            budget.charge(Usage(input=tokens), cost)
            told += budget.news()
            used = [used[0] + 1, used[1] + cost, used[2] + tokens, used[3] + seconds]
            sides = [(i, list(_parts(limits))) for i, limits in enumerate((own, above))]
            pairs = [(i, n, used[n], limit) for i, ls in sides for n, limit in enumerate(ls)]
            near |= {(i, n) for i, n, sum_, limit in pairs if 0.8 * limit <= sum_ < limit}
            assert bool(stopped(budget)) == any(0 < limit <= sum_ for *_, sum_, limit in pairs)
    assert len(told) == len(near)


def _parts(limits: Limits) -> tuple[float, ...]:
    return limits.steps, limits.cost_nano, limits.tokens, limits.time_s


@pytest.mark.parametrize(("steps", "reason"), [(1, "max_turns"), (0, "budget")])
def test_the_turn_limit_is_told_apart(steps: int, reason: str) -> None:
    budget = Budget(Limits(steps=steps, tokens=1 - steps))
    budget.step()
    budget.charge(PRICED, 1)
    with pytest.raises(BudgetExceeded) as reached:
        budget.check()
    assert reached.value.reason == reason
