"""The first choice: who answers when ion finds no model, and fetching the embedded one."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from ion_core.errors import ConfigError
from ion_tui import choosing
from ion_tui.figures import size
from ion_tui.offer import Fixed
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.runtime import Runtime
    from ion_tui.screens.main import MainScreen

INSTALL = Choice(
    value="install",
    name="Fetch the embedded model",
    detail="1.2 GB, once; it runs on this machine and needs no key",
)


async def greet(screen: MainScreen) -> None:
    """Name the model that will answer; when there is none, offer what there is."""
    runtime = await screen.ion.runtime()
    if screen.view is not None and screen.view.model:
        return
    if await runtime.needs_local_consent():
        await _offer(screen, runtime)
    else:
        await _name(screen)


async def _offer(screen: MainScreen, runtime: Runtime) -> None:
    from ion_tui.login import Connection  # start-up: few have no model
    from ion_tui.vendors import SERVERS, account_rows, name

    servers = [
        Choice(value=server, name=name(server), detail="a server that you run yourself")
        for server in SERVERS
    ]
    accounts = account_rows(runtime.accounts.all())
    rows = [
        Choice(name="On this machine"),
        INSTALL,
        *servers,
        Choice(name="With a key or an account"),
        *accounts,
    ]
    choice = await choosing.pick(
        screen,
        Fixed("ion has no model to ask yet: who shall answer?", rows),
        # Enter alone must not begin to fetch 1.2 GB.
        chosen=lambda row: row in accounts[:1],
        placeholder="Type to find a provider",
    )
    if choice is INSTALL:
        await install(screen)
    elif choice is not None:
        known = runtime.accounts.account(choice.value).source
        ready = choice.value in SERVERS or bool(known)
        await Connection(screen, choice.value, lasting=True).make("models" if ready else "login")


async def log_in(screen: MainScreen) -> None:
    """Log in to a provider, at any time."""
    from ion_tui import login  # start-up: as above

    await login.log_in(screen)


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
