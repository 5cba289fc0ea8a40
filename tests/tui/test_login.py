"""From no model to a first answer: provider, key or login, model, test."""

from __future__ import annotations

import asyncio

from ion_core.errors import ConfigError, ConnectionFailed, Unauthorised
from ion_core.events import TurnEnded
from ion_core.providers.auth.companion import Companion
from ion_core.providers.base import ModelInfo
from ion_tui.browser import open_link, opener
from ion_tui.screens.login import LoginSheet
from tests.tui.conftest import Show, Stage

KEY = "sk-abc123"
GPT = ModelInfo(provider="openai", id="gpt-5.6", window=400_000)
REFUSED = Unauthorised("OpenAI refused the key. Make another one.")


async def choose(show: Show, text: str) -> None:
    await show.type(text)
    await show.press("enter")


async def begin(show: Show) -> None:
    """As far as the key of OpenAI."""
    show.runtime.listed.append(GPT)
    await choose(show, "openai")


async def test_the_first_list_offers_this_machine_and_every_account(stage: Stage) -> None:
    async with stage(model="", size=(120, 35)) as show:
        for words in ("Fetch the embedded model", "Ollama", "With a key or an account", "OpenAI"):
            assert words in show.text
        assert "with the browser or a key" in show.text


async def test_a_key_then_a_model_then_a_test_make_the_default(stage: Stage) -> None:
    async with stage(model="") as show:
        await begin(show)
        assert "Log in to OpenAI" in show.text
        await choose(show, KEY)
        assert show.runtime.accounts.kept == {"openai": KEY}
        assert "Models of openai" in show.text
        await show.press("enter")
        assert show.runtime.tried == ["openai/gpt-5.6"]
        assert show.runtime.model == "openai/gpt-5.6"
        assert show.session.asked == [("set_model", "openai/gpt-5.6")]
        assert "answers, now and in every new session" in show.toasts
        assert show.prompt.has_focus


async def test_a_key_is_never_drawn_and_is_in_no_history(stage: Stage) -> None:
    async with stage(model="") as show:
        await begin(show)
        await show.type(KEY)
        assert KEY not in show.text
        assert "•" * len(KEY) in show.text
        await show.press("enter", "escape")
        await show.press("up")
        assert show.prompt.text == ""


async def test_a_refused_key_is_told_and_can_be_pasted_again(stage: Stage) -> None:
    async with stage(model="") as show:
        show.runtime.refusals = [REFUSED]
        await begin(show)
        await choose(show, KEY)
        await show.press("enter")
        assert "OpenAI refused the key. Make another one." in show.text
        assert show.runtime.model == ""
        await show.press("enter")
        await choose(show, "sk-better")
        await show.press("enter")
        assert show.runtime.accounts.kept == {"openai": "sk-better"}
        assert show.runtime.model == "openai/gpt-5.6"


async def test_a_failed_test_can_be_tried_again_or_left(stage: Stage) -> None:
    async with stage(model="") as show:
        show.runtime.refusals = [ConnectionFailed("api.openai.com cannot be reached.")] * 2
        await begin(show)
        await choose(show, KEY)
        await show.press("enter", "enter")
        assert "api.openai.com cannot be reached." in show.text
        assert len(show.runtime.tried) == 2
        await show.press("escape")
        assert show.runtime.model == ""
        assert show.prompt.has_focus


async def test_a_model_that_failed_its_test_can_be_used_all_the_same(stage: Stage) -> None:
    async with stage(model="") as show:
        show.runtime.refusals = [REFUSED]
        await begin(show)
        await choose(show, KEY)
        await show.press("enter")
        await choose(show, "all the same")
        assert show.runtime.model == "openai/gpt-5.6"


async def test_a_server_of_ones_own_is_asked_for_its_models_without_a_key(stage: Stage) -> None:
    async with stage(model="") as show:
        show.runtime.listed.append(ModelInfo(provider="ollama", id="qwen3:8b"))
        await choose(show, "ollama")
        assert "qwen3:8b" in show.text
        await show.press("enter")
        assert show.runtime.model == "ollama/qwen3:8b"


async def test_a_server_that_does_not_run_is_told_and_asked_again(stage: Stage) -> None:
    async with stage(model="") as show:
        ask = show.runtime.models_at

        async def absent(provider: str) -> list[ModelInfo]:
            show.runtime.models_at = ask  # type: ignore[method-assign]
            raise ConnectionFailed("Nothing answers at 127.0.0.1:11434. Start Ollama.")

        show.runtime.models_at = absent  # type: ignore[method-assign]
        show.runtime.listed.append(ModelInfo(provider="ollama", id="qwen3:8b"))
        await choose(show, "ollama")
        assert "Nothing answers at 127.0.0.1:11434. Start Ollama." in show.text
        assert "paste the key" not in show.text
        await show.press("enter")
        assert "qwen3:8b" in show.text


async def test_enter_alone_is_a_no_but_never_a_key_or_an_address(stage: Stage) -> None:
    async def flow(companion: Companion) -> None:
        if await companion.ask("All the same? [y/N]") != "y":
            raise ConfigError("Nothing was changed.")
        companion.show_link("https://auth.example/agree")
        await companion.ask("Paste the address:")
        companion.tell("That is not the address.")
        await companion.ask("Paste the address:")

    async with stage(model="") as show:
        show.runtime.accounts.flows["chatgpt"] = flow
        await choose(show, "chatgpt")
        await show.press("down", "enter", "enter")
        assert "Nothing was changed." in show.text
        await show.press("enter", "down", "enter")
        await choose(show, "y")
        await show.press("enter")
        await choose(show, "nonsense")
        assert "That is not the address." in show.text
        assert "https://auth.example/agree" in show.text
        await show.press("escape")


async def test_a_login_shows_its_link_and_code_and_escape_frees_everything(stage: Stage) -> None:
    ended: list[str] = []

    async def flow(companion: Companion) -> None:
        companion.tell("This is not approved.")
        if await companion.ask("All the same? [y/N]") != "y":
            raise ConfigError("Nothing was changed.")
        companion.tell("Enter the code there.")
        companion.show_link("https://auth.example/device", "ABCD-1234")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("port freed")

    async with stage(model="") as show:
        show.runtime.accounts.flows["chatgpt"] = flow
        await choose(show, "chatgpt")
        await show.press("down", "enter")
        assert "This is not approved." in show.text
        await choose(show, "y")
        assert "This is not approved." not in show.text
        assert "https://auth.example/device" in show.text
        assert "Code  ABCD-1234" in show.text
        assert "ctrl+y copies the link   ctrl+k copies the code" in show.text
        await show.press("escape")
        assert ended == ["port freed"]
        assert show.prompt.has_focus


async def test_a_question_that_is_withdrawn_takes_its_field_along(stage: Stage) -> None:
    async def flow(companion: Companion) -> None:
        asked = asyncio.create_task(companion.ask("Or paste the address here:"))
        await asyncio.sleep(0)
        assert sheet(show).field.is_attached
        await go.wait()
        asked.cancel()
        await stop.wait()

    async with stage(model="") as show:
        go, stop = asyncio.Event(), asyncio.Event()
        show.runtime.accounts.flows["openai"] = flow
        await begin(show)
        await show.type("half")
        assert "half" in show.text
        go.set()
        await show.settle()
        assert "half" not in show.text
        assert not sheet(show).field.is_on_screen
        stop.set()
        async with asyncio.timeout(20):
            while "Models of openai" not in show.text:
                await show.settle()


def sheet(show: Show) -> LoginSheet:
    assert isinstance(show.app.screen, LoginSheet)
    return show.app.screen


async def test_the_link_and_the_code_can_be_copied(stage: Stage) -> None:
    async def flow(companion: Companion) -> None:
        companion.show_link("https://auth.example/device", "ABCD-1234")
        await asyncio.Event().wait()

    async with stage(model="") as show:
        show.runtime.accounts.flows["openai"] = flow
        await begin(show)
        assert "Enter the code below on this page" in show.text
        copied: list[str] = []
        sheet(show)._copy = copied.append
        await show.press("ctrl+y", "ctrl+k")
        assert copied == ["https://auth.example/device", "ABCD-1234"]


async def test_leaving_the_app_ends_a_login(stage: Stage) -> None:
    ended = asyncio.Event()

    async def flow(companion: Companion) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with stage(model="") as show:
        show.runtime.accounts.flows["openai"] = flow
        await begin(show)
        show.app.leave()
        await show.settle()
    assert ended.is_set()


async def test_later_a_login_is_in_the_palette_and_changes_this_session_only(
    stage: Stage,
) -> None:
    async with stage() as show:
        show.runtime.listed.append(GPT)
        await show.press("ctrl+p")
        await choose(show, "log in to")
        await choose(show, "openai")
        await choose(show, KEY)
        await show.press("enter")
        assert show.session.asked == [("set_model", "openai/gpt-5.6")]
        assert show.runtime.model == "mock/test-model"


async def test_a_turn_that_failed_for_its_key_says_where_another_one_goes(stage: Stage) -> None:
    async with stage() as show:
        await show.session.submit("go")
        ended = TurnEnded(reason="error", error="The key was refused.", error_kind="unauthorised")
        await show.session.emit(ended)
        await show.settle()
        assert "ctrl+p, then “Log in to a provider”" in show.toasts


def test_a_browser_is_opened_only_where_the_person_sits() -> None:
    assert opener({}, "linux") == ""
    assert opener({"DISPLAY": ":0"}, "linux") == "xdg-open"
    assert opener({}, "darwin") == "open"
    assert opener({"DISPLAY": ":10", "SSH_CONNECTION": "1 2 3 4"}, "linux") == ""


async def test_only_web_addresses_are_opened_and_a_missing_program_is_no_error() -> None:
    assert not await open_link("file:///etc/passwd", "true")
    assert not await open_link("https://example.com", "no-such-program-here")
    assert await open_link("https://example.com", "true")
