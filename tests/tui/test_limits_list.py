"""``/limits``: what stops ion, and how a person raises it."""

from __future__ import annotations

from tests.tui.conftest import Stage


async def test_the_limits_are_listed_and_the_chosen_one_is_asked_for(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/limits ")
        await show.press("enter")
        assert "Cost of a run" in show.text
        assert "Time of a session" in show.text
        await show.press("enter")
        assert "Cost of a run, US dollars" in show.text
        await show.press("2", "full_stop", "5", "enter")
        assert show.runtime.limits == {"max_cost_usd": 2.5}
        assert "limits.max_cost_usd is 2.5 from the next prompt on." in show.toasts


async def test_a_limit_is_set_by_its_name(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/limits session_max_tokens 20000")
        await show.press("enter")
        assert show.runtime.limits == {"session_max_tokens": 20_000}


async def test_what_is_no_number_is_refused(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/limits max_cost_usd much")
        await show.press("enter")
        assert show.runtime.limits == {}
        assert "no number from 0 up" in show.toasts
