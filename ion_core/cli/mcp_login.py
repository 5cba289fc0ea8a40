"""``ion mcp login|logout NAME``: a remote server and the person's browser."""

from __future__ import annotations

import asyncio
import os
import sys
import webbrowser
from pathlib import Path
from typing import Any

from ion_core.cli.listing import extensions_here
from ion_core.config.load import Loaded
from ion_core.config.paths import ion_home
from ion_core.confined import ConfinedLauncher
from ion_core.errors import ConfigError
from ion_core.extensions import Extensions
from ion_core.mcp.auth import Tokens, login
from ion_core.mcp.declared import Declared

LIMIT_S = 300.0


async def obey(word: str, loaded: Loaded, one: Declared) -> int:
    """Log in or out; the exit code. Raises ``ConfigError``."""
    home = ion_home()
    if word == "logout":
        gone = Tokens(home, one.settings.url).forget()
        print(f"Logged out of {one.name}." if gone else f"There was no login for {one.name}.")
        return 0
    try:
        async with asyncio.timeout(LIMIT_S):
            await login(one, home, os.environ, _visit, lambda auth: _connect(loaded, one, auth))
    except TimeoutError:
        raise ConfigError(f"Nobody logged in within {LIMIT_S / 60:.0f} minutes.") from None
    print(f"Logged in to {one.name}.")
    said = {"message": f"Logged in to {one.name}.", "title": "ion"}
    kind = "auth_success"
    await extensions_here().occurs("Notification", kind, notification_type=kind, **said)
    return 0


async def _visit(url: str) -> None:
    print(f"Open this address in your browser to log in:\n  {url}", file=sys.stderr, flush=True)
    if sys.stdout.isatty():
        await asyncio.to_thread(webbrowser.open, url)


async def _connect(loaded: Loaded, one: Declared, auth: Any) -> None:
    home = ion_home()
    launcher = ConfinedLauncher(loaded.settings.sandbox, home, os.environ)
    extensions = Extensions(lambda: loaded, launcher, home, Path.cwd(), os.environ)
    extensions.auth = lambda declared: auth if declared.name == one.name else None
    assert extensions.servers is not None
    server = extensions.servers.find(one.name)
    server.patience_s = LIMIT_S
    try:
        await extensions.servers.settled(LIMIT_S, one.name)
        if server.state != "connected":
            raise ConfigError(f"The login failed: {server.problem}")
    finally:
        await extensions.aclose()
        launcher.close()
