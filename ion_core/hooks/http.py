"""A hook that is an address: the event is posted to it, and its answer is what a program would say
on standard output.
"""

from __future__ import annotations

from typing import Any

from ion_core.hooks.answer import verdict_of
from ion_core.hooks.base import Verdict
from ion_core.hooks.spec import HookSpec


async def post(spec: HookSpec, told: dict[str, Any], event: str) -> Verdict | str:
    """The verdict; a sentence when the address did not answer well."""
    import httpx  # start-up: few hooks are elsewhere

    try:
        async with httpx.AsyncClient(timeout=spec.timeout_s or None, trust_env=False) as client:
            answer = await client.post(spec.url, json=told)
    except httpx.TimeoutException as error:
        raise TimeoutError from error
    except httpx.HTTPError as error:
        return f"it could not be reached: {error}"
    if answer.status_code >= 400:
        return f"it answered {answer.status_code}"
    return verdict_of(event, 0, answer.text, "")
