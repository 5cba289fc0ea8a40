"""What the prompt offers while it is written, and that no key waits for it."""

from __future__ import annotations

from textual import events

from ion_core.slash import Offer
from tests.tui.conftest import Show, Stage

FILES = [
    "README.md",
    "docs/",
    "docs/guide.md",
    "src/",
    "src/app.py",
    "src/my file.py",
    "test_app.py",
]


def names(show: Show) -> list[str]:
    popup = show.screen.composer.popup
    return [choice.name for choice in popup.choices] if popup.display else []


async def test_files_are_offered_and_tab_takes_one_in_the_middle_of_a_text(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.paths = FILES
        await show.type("look at @app")
        await show.settle()
        assert names(show) == ["src/app.py", "test_app.py"]
        await show.press("tab")
        assert show.prompt.text == "look at @src/app.py "
        await show.type("please")
        await show.press("enter")
        assert show.session.asked == [("submit", "look at @src/app.py please")]


async def test_enter_takes_a_file_and_sends_nothing(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.paths = FILES
        await show.type("@read")
        await show.settle()
        await show.press("enter")
        assert show.prompt.text == "@README.md "
        assert show.session.asked == []


async def test_a_folder_leads_on_into_itself(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.paths = FILES
        await show.type("@docs")
        await show.settle()
        assert names(show)[0] == "docs/"
        await show.press("tab")
        assert show.prompt.text == "@docs/"
        assert names(show) == ["docs/guide.md"]


async def test_a_name_with_blanks_is_quoted(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.paths = FILES
        await show.type("@my")
        await show.settle()
        await show.press("tab")
        assert show.prompt.text == '@"src/my file.py" '


async def test_escape_closes_and_an_address_is_no_mention(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.paths = FILES
        await show.type("@app")
        await show.settle()
        await show.press("escape")
        assert (names(show), show.prompt.text) == ([], "@app")
        await show.press("ctrl+c")
        await show.type("mail ada@app")
        assert names(show) == []


async def test_a_burst_of_keys_with_a_mention_loses_nothing(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.paths = FILES
        await show.type("see ")
        for letter in "@zzz now":
            show.prompt.post_message(events.Key("space" if letter == " " else letter, letter))
        show.prompt.post_message(events.Key("enter", None))
        await show.settle()
        assert show.session.asked == [("submit", "see @zzz now")]


async def test_commands_of_the_folder_are_offered_and_sent_as_they_are(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.named = [Offer(name="fix-it", about="Fix an issue", hint="[issue]")]
        await show.type("/fix")
        await show.settle()
        assert "/fix-it" in names(show)
        await show.press("tab")
        await show.type("12")
        await show.press("enter")
        await show.settle()
        assert show.session.asked == [("submit", "/fix-it 12")]


async def test_one_that_was_not_offered_yet_is_found_when_it_is_sent(stage: Stage) -> None:
    async with stage() as show:
        await show.type("x")
        show.runtime.named = [Offer(name="fix", about="Fix an issue")]
        await show.press("ctrl+c")
        await show.type("/fix 12")
        await show.press("enter")
        await show.settle()
        assert show.session.asked == [("submit", "/fix 12")]


async def test_ion_s_own_names_win(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.named = [Offer(name="rename", about="Another one")]
        await show.type("/rename Better")
        await show.press("enter")
        assert show.session.asked == [("rename", "Better")]


async def test_the_palette_has_them_too(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.named = [Offer(name="fix", about="Fix an issue")]
        await show.press("ctrl+p")
        await show.settle()
        await show.type("issue")
        await show.press("enter")
        await show.settle()
        assert show.prompt.text == "/fix "


async def test_help_has_those_that_were_found(stage: Stage) -> None:
    async with stage() as show:
        show.runtime.named = [Offer(name="fix", about="Fix an issue")]
        await show.type("/")
        await show.settle()
        await show.press("ctrl+c", "f1")
        await show.settle()
        await show.type("issue")
        await show.press("enter")
        await show.settle()
        assert show.prompt.text == "/fix "
