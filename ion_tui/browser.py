"""Showing a link in the browser of the desktop, where there is a desktop.

Nothing here ever touches the terminal: a browser that would draw there is not started.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import Mapping

LIMIT_S = 10.0


def opener(env: Mapping[str, str], platform: str = sys.platform) -> str:
    """The program that opens links on this desktop; empty where the person sits elsewhere."""
    if "SSH_CONNECTION" in env or "SSH_TTY" in env:
        return ""
    if platform == "darwin":
        return "open"
    return "xdg-open" if env.get("DISPLAY") or env.get("WAYLAND_DISPLAY") else ""


async def open_link(url: str, program: str) -> bool:
    """Whether ``program`` took the link. One that does not end soon is the browser itself, and is
    left alone."""
    if not url.startswith(("https://", "http://")):
        return False
    try:
        started = await asyncio.create_subprocess_exec(
            program,
            url,
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        return await asyncio.wait_for(started.wait(), LIMIT_S) == 0
    except TimeoutError:
        return True
