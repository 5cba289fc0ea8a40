"""Ctrl+R: the prompts of every session of this project, newest first, found by typed letters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ion_tui.choosing import pick
from ion_tui.fuzzy import matching
from ion_tui.offer import Outcome
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen


class Prompts:
    """An ``Offer``: each prompt as one row. Newest first, whatever fits better: a prompt is looked
    for because it was there a while ago."""

    context = "history"
    columns = aside = note = ""
    title = "Earlier prompts"

    def __init__(self, prompts: Sequence[str], older: str) -> None:
        self._rows = [
            Choice(value=prompt, name=one_line(prompt)) for prompt in reversed(prompts) if prompt
        ]
        self.foot = f"{older} older   enter takes it into the prompt"

    def rows(self, text: str) -> Sequence[Choice]:
        """Those that fit."""
        fitting = {id(row) for row in matching(self._rows, text)}
        return [row for row in self._rows if id(row) in fitting]

    def obey(self, command: str, choice: Choice | None) -> Outcome:
        """The key that opened the list goes on to the next older prompt."""
        return "next" if command == "history.search" else ""


async def search(screen: MainScreen) -> None:
    """Choose an earlier prompt; it replaces what is written, which ↑ brings back."""
    prompt = screen.composer.prompt
    prompts = Prompts(prompt.recall.items, screen.keymap.hint("history.search", "prompt"))
    choice = await pick(screen, prompts, placeholder="Search your prompts")
    if choice is not None:
        if prompt.text.strip():
            prompt.recall.add(prompt.text)
        prompt.put(choice.value)
