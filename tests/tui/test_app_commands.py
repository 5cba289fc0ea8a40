"""Commands: the palette, keys that people bound, the leader, and the lists behind them."""

from __future__ import annotations

from ion_core.config.schema import Settings, TuiSettings
from ion_tui.commands import COMMANDS
from tests.tui.conftest import Stage


async def test_the_palette_lists_every_command_and_runs_the_chosen_one(stage: Stage) -> None:
    async with stage(size=(120, 35)) as show:
        await show.press("ctrl+p")
        listed = {choice.value for choice in show.app.screen.choices}
        assert listed == {command.id for command in COMMANDS if not command.hidden}
        await show.type("sessions")
        await show.press("down", "up", "enter")
        assert show.app.screen is show.screen or show.app.screen.name == "picker"


async def test_a_rebound_palette_key_works_and_every_hint_shows_it(stage: Stage) -> None:
    settings = Settings(keymap={"global": {"palette.open": ("f5",)}})
    async with stage(settings=settings, size=(120, 35)) as show:
        assert "f5 commands" in show.row(34)
        await show.press("ctrl+p")
        assert show.app.screen is show.screen
        await show.press("f5")
        assert show.app.screen.name == "picker"


async def test_a_bad_keymap_line_is_told_and_the_others_apply(stage: Stage) -> None:
    keys = {"global": {"palette.opn": ("f4",), "help.open": ("f5",)}}
    async with stage(settings=Settings(keymap=keys)) as show:
        assert "[keymap.global] palette.opn is not a command" in show.toasts
        await show.press("f5")
        assert show.app.screen.name == "picker"


async def test_the_leader_waits_shows_its_keys_and_types_nothing(stage: Stage) -> None:
    async with stage() as show:
        await show.press("ctrl+x")
        assert not show.screen.which_key.display
        await show.pilot.pause(0.5)
        assert show.screen.which_key.display
        assert "Start a new session" in show.text
        await show.press("z")
        assert not show.screen.which_key.display
        assert show.prompt.text == ""


async def test_help_opens_on_a_question_mark_in_an_empty_prompt_only(stage: Stage) -> None:
    async with stage() as show:
        await show.type("what?")
        assert show.prompt.text == "what?"
        await show.press("ctrl+c")
        await show.type("?")
        assert show.app.screen.name == "picker"
        await show.press("escape")
        assert show.prompt.has_focus


async def test_the_model_picker_offers_models_and_sets_the_chosen_one(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/model")
        await show.press("enter")
        await show.type("other")
        await show.press("enter")
        assert show.session.asked == [("set_model", "mock/other-model")]
        assert "mock/other-model" in show.row(29)


async def test_a_theme_is_previewed_live_and_escape_brings_the_old_one_back(stage: Stage) -> None:
    async with stage() as show:
        await show.type("/theme")
        await show.press("enter")
        await show.press("down")
        assert show.app.theme != "ion-dark"
        await show.press("escape")
        assert show.app.theme == "ion-dark"


async def test_a_theme_that_does_not_exist_is_told(stage: Stage) -> None:
    settings = Settings(tui=TuiSettings(theme="nope"))
    async with stage(settings=settings) as show:
        assert "there is no theme 'nope'" in show.toasts
        assert show.app.theme == "ion-dark"


async def test_a_key_in_the_transcript_goes_to_the_prompt(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        await show.settle()
        show.screen.transcript.focus()
        await show.settle()
        await show.type("xyz")
        assert show.prompt.text == "xyz"


async def test_a_list_leaves_room_for_its_field_on_the_smallest_screen(stage: Stage) -> None:
    async with stage(size=(40, 12)) as show:
        await show.press("f1")
        assert "What are you looking for?" in show.text
        assert "Help" in show.text
