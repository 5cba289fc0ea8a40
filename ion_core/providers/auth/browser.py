"""Waiting for a browser: its code comes back to the callback, or by the person's hand.

Both ways are open at the same time, for where the browser runs on another machine (SSH) its way
back to the callback does not exist.
"""

from __future__ import annotations

import asyncio

from ion_core.errors import ConfigError, Unauthorised
from ion_core.providers.auth.callback import Callback
from ion_core.providers.auth.companion import Companion
from ion_core.providers.auth.redirect import Redirect

LIMIT_S = 300.0
QUESTION = "No way back from the browser? Paste the address it ended at (or the code):"


async def browser_code(
    callback: Callback, redirect: Redirect, companion: Companion, limit_s: float = LIMIT_S
) -> str:
    """The code of this login.

    Raises ``Unauthorised`` when it is declined or nothing comes within ``limit_s``, and
    ``CancelledError`` when the person gives up.
    """
    coming = asyncio.ensure_future(callback.code())
    pasted = asyncio.ensure_future(_pasted(redirect, companion))
    try:
        async with asyncio.timeout(limit_s):
            await asyncio.wait((coming, pasted), return_when=asyncio.FIRST_COMPLETED)
            return coming.result() if coming.done() else await _by_hand(pasted, coming)
    except TimeoutError as error:
        raise Unauthorised(
            f"Nobody logged in within {limit_s / 60:.0f} minutes. Begin again."
        ) from error
    finally:
        coming.cancel()
        pasted.cancel()
        await asyncio.gather(coming, pasted, return_exceptions=True)


async def _by_hand(pasted: asyncio.Future[str], coming: asyncio.Future[str]) -> str:
    try:
        return pasted.result()
    except ConfigError:  # nobody sits here; the browser may still come back
        return await coming


async def _pasted(redirect: Redirect, companion: Companion) -> str:
    while True:
        text = await companion.ask(QUESTION)
        try:
            code = redirect.pasted(text)
        except ValueError:  # half an address
            code = ""
        if code:
            return code
        if text.strip():
            companion.tell("That is not the address of this login. Copy all of it.")
