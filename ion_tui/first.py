"""The first choice: what to do when ion finds no model, and fetching the embedded one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ion_core.errors import ConfigError
from ion_tui import choosing
from ion_tui.figures import size
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_tui.screens.main import MainScreen

INSTALL = "install"
CHOICES = (
    Choice(
        value=INSTALL,
        name="Fetch the embedded model",
        detail="1.2 GB, once; it runs on this machine and needs no key",
    ),
    Choice(
        value="key",
        name="Use a key",
        detail="leave, set OPENAI_API_KEY, OPENROUTER_API_KEY or another, start ion again",
    ),
    Choice(
        value="server",
        name="Use a local server",
        detail="leave, start Ollama, LM Studio, llama.cpp or vLLM, start ion again",
    ),
)


async def greet(screen: MainScreen) -> None:
    """Name the model that will answer; when there is none, offer what there is."""
    runtime = await screen.ion.runtime()
    if screen.view is not None and screen.view.model:
        return
    if await runtime.needs_local_consent():
        choice = await choosing.pick(screen, "ion has no model to ask yet", CHOICES)
        if choice is not None and choice.value == INSTALL:
            await install(screen)
    else:
        await _name(screen)


async def install(screen: MainScreen) -> None:
    """Fetch the embedded model, saying how far that is. Leaving ion stops it; the next time it
    goes on from there."""
    runtime = await screen.ion.runtime()
    loop, activity = asyncio.get_running_loop(), screen.composer.activity

    def progress(what: str, done: int, total: int) -> None:
        if not screen.app.is_running:
            raise ConfigError("ion was closed; the next time it goes on from here.")
        share = 100 * done // max(1, total)
        said = f"{what} the embedded model · {size(done)} of {size(total)} · {share}%"
        loop.call_soon_threadsafe(activity.show_work, said)

    try:
        await runtime.install_local(progress)
    finally:
        activity.show_work("")
    screen.say("The embedded model is ready.")
    await _name(screen)


async def _name(screen: MainScreen) -> None:
    runtime = await screen.ion.runtime()
    if not screen.status.model:
        screen.status.model = screen.welcome.model = await runtime.roster.default()
