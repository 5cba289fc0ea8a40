"""Choosing a model and how hard it thinks, with the keys that people press."""

from __future__ import annotations

from ion_core.errors import ConfigError
from ion_core.providers.base import ModelInfo
from ion_tui.screens.picker import Picker
from tests.tui.conftest import Show, Stage


def picker(show: Show) -> Picker:
    assert isinstance(show.app.screen, Picker)
    return show.app.screen


async def test_the_key_opens_the_models_with_the_present_one_chosen(stage: Stage) -> None:
    async with stage() as show:
        await show.press("ctrl+x", "m")
        choice = picker(show).list.choice
        assert choice is not None
        assert choice.value == "mock/test-model"
        assert "list of 2026-11-20" in show.text
        assert "in $/M" in show.text
        assert "price ?" in show.text


async def test_a_typed_effort_is_set_and_shown_beside_the_model(stage: Stage) -> None:
    async with stage() as show:
        await show.press("ctrl+x", "m")
        await show.type("other")
        await show.press("colon", "h", "i")
        assert "thinking: high" in show.text
        await show.press("enter")
        assert show.session.asked == [("set_model", "mock/other-model:high")]
        assert "mock/other-model · high" in show.row(29)


async def test_enter_is_for_this_session_and_a_key_for_every_new_one(stage: Stage) -> None:
    async with stage() as show:
        await show.press("ctrl+x", "m", "up", "enter")
        assert show.session.asked == [("set_model", "mock/other-model")]
        assert show.runtime.model == "mock/test-model"
        await show.press("ctrl+x", "m", "ctrl+d")
        assert show.runtime.model == "mock/other-model"
        assert "the default from now on" in show.toasts


async def test_a_star_is_kept_and_puts_the_model_first(stage: Stage) -> None:
    async with stage() as show:
        await show.press("ctrl+x", "m", "up", "ctrl+f")
        assert show.runtime.favourites == ("mock/other-model",)
        assert [row.name for row in picker(show).choices][:2] == ["Favourites", "other-model"]
        assert picker(show).list.choice is picker(show).choices[1]
        await show.press("ctrl+f")
        assert show.runtime.favourites == ()


async def test_a_favourite_that_cannot_be_kept_is_told(stage: Stage) -> None:
    async with stage() as show:

        async def full(ref: str, on: bool) -> None:
            raise ConfigError("config.toml cannot be written: No space left on device")

        show.runtime.favour = full  # type: ignore[method-assign]
        await show.press("ctrl+x", "m", "ctrl+f")
        assert "No space left on device" in show.toasts


async def test_a_key_shows_the_models_in_another_order(stage: Stage) -> None:
    async with stage() as show:
        await show.press("ctrl+x", "m", "ctrl+o", "ctrl+o")
        assert "Models, largest window first" in show.text
        names = [row.name for row in picker(show).choices if not row.heading]
        assert names == ["test-model", "other-model"]


async def test_a_model_written_behind_the_command_needs_no_list(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/model mock/third:low")
        await show.press("enter")
        assert show.session.asked == [("set_model", "mock/third:low")]


async def test_half_a_name_behind_the_command_is_looked_for_in_the_list(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/model other:low")
        await show.press("enter")
        assert [row.name for row in picker(show).choices] == ["other-model"]
        await show.press("enter")
        assert show.session.asked == [("set_model", "mock/other-model:low")]


async def test_two_thousand_models_draw_only_the_rows_on_screen(stage: Stage) -> None:
    async with stage() as show:
        before = len(list(show.app.screen.walk_children()))
        show.runtime.listed = [
            ModelInfo(provider="openrouter", id=f"vendor-{n % 40}/model-{n}") for n in range(2_000)
        ]
        await show.press("ctrl+x", "m")
        assert len(list(picker(show).walk_children())) < before
        assert picker(show).list.size.height == 10
        await show.type("model-1999")
        choice = picker(show).list.choice
        assert choice is not None
        assert choice.name == "vendor-39/model-1999"


async def test_the_thinking_level_is_chosen_by_its_key(stage: Stage) -> None:
    async with stage() as show:
        await show.press("ctrl+x", "T")
        rows = [row.name for row in picker(show).choices]
        assert rows == ["default", "none", "low", "medium", "high"]
        await show.type("med")
        await show.press("enter")
        assert show.session.asked == [("set_model", "mock/test-model:medium")]
        await show.press("ctrl+x", "T")
        chosen = picker(show).list.choice
        assert chosen is not None
        assert (chosen.name, chosen.mark) == ("medium", "●")
        await show.press("home", "up", "up", "up", "enter")
        assert show.session.asked[-1] == ("set_model", "mock/test-model")


async def test_a_model_that_is_not_known_to_think_is_told_so(stage: Stage) -> None:
    async with stage(model="mock/other-model") as show:
        await show.press("ctrl+x", "T")
        assert "is not known to think" in show.text
