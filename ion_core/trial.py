"""A one-token question: does this model answer at all, with this key?"""

from __future__ import annotations

import asyncio

from ion_core.agent.models import Choice
from ion_core.errors import ConnectionFailed
from ion_core.messages import user
from ion_core.providers.base import PartDelta, Request

LIMIT_S = 60.0
ENOUGH = 16
"""Tokens of the answer: the fewest that OpenAI's responses accept."""


async def trial(choice: Choice) -> None:
    """Returns when the model said something, or ended without. Raises what a first question would
    raise, ``ConnectionFailed`` after a minute."""
    request = Request(
        model=choice.model.id,
        system="Answer with one word.",
        messages=(user("Say ok."),),
        max_output=ENOUGH,
        effort=choice.effort,
    )
    try:
        async with asyncio.timeout(LIMIT_S), choice.provider.stream(request) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, PartDelta):
                    return
    except TimeoutError as error:
        raise ConnectionFailed(f"{choice.ref} did not answer within {LIMIT_S:g} s.") from error
