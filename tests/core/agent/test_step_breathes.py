"""A step that reads an answer faster than it comes lets everything else have its turns."""

from __future__ import annotations

import asyncio
import time

from ion_core.agent.step import BREATH_S, Step
from ion_core.events import Event
from ion_core.messages import user
from ion_core.providers.base import Request
from ion_core.providers.scripted import ScriptedProvider

PIECES = 20


async def test_others_get_turns_while_a_long_answer_is_read() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def slowly(_: Event) -> None:
        until = time.monotonic() + 1.1 * BREATH_S
        while time.monotonic() < until:
            pass

    provider = ScriptedProvider(["x" * PIECES], chunk=1)
    request = Request(model="scripted", system="", messages=(user("Go on."),))
    task = asyncio.ensure_future(other())
    await Step(provider, request, slowly).ask()
    task.cancel()

    assert turns >= PIECES - 1
