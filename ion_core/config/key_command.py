"""A key that a command prints, such as a password store or a cloud's own tool.

The command runs in the person's shell with a limit on its time. What it prints is the key or is
thrown away: no error shows it.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping
from contextlib import suppress

from ion_core.errors import Unauthorised


async def printed(name: str, command: str, env: Mapping[str, str], limit_s: float) -> str:
    """What ``command`` prints, trimmed. Raises ``Unauthorised`` with a sentence about the provider
    ``name`` when it fails, prints nothing or takes more than ``limit_s``."""
    process = await asyncio.create_subprocess_shell(
        command, stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL, env=env, start_new_session=True
    )
    try:
        async with asyncio.timeout(limit_s):
            output, _ = await process.communicate()
    except TimeoutError as error:
        raise Unauthorised(
            f"The command for the key of {name} took more than {limit_s:g} s."
        ) from error
    finally:
        await _end(process)
    if process.returncode:
        raise Unauthorised(
            f"The command for the key of {name} failed (exit code {process.returncode})."
        )
    key = output.decode("utf-8", "replace").strip()
    if not key:
        raise Unauthorised(f"The command for the key of {name} printed nothing.")
    return key


async def _end(process: Process) -> None:
    """Leave nothing of a command that was given up; its shell may have ended before its children,
    which then still hold the pipe."""
    if process.returncode is None or not (process.stdout and process.stdout.at_eof()):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()
