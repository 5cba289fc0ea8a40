"""A hook that is a program: told of the event as JSON on standard input, in the sandbox.

It has a process group of its own, no terminal, a scrubbed environment and a limit of time; what it
started ends with it.
"""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from ion_core.hooks.spec import HookSpec
from ion_core.tools.environment import child_environment
from ion_core.tools.process import Access, Child, Command, Launcher

MOST: Final = 1_000_000
"""Bytes of its output that are kept."""
_OWN: Final = re.compile(r"\$\{?(ION_[A-Z]+)\}?")


async def run(
    spec: HookSpec,
    told: bytes,
    launcher: Launcher,
    *,
    cwd: str,
    project: str,
    env: Mapping[str, str],
    variables: Mapping[str, str],
    lent: str = "",
) -> tuple[int, str, str]:
    """Its exit code, what it said, and what it said on standard error. Raises ``OSError`` where it
    cannot be started and ``TimeoutError`` after its time. ``lent`` is a file of ion's own that it
    may read."""
    known = {"CLAUDE_PROJECT_DIR": project, "ION_PROJECT": project, **variables}
    environment = child_environment(env, cwd=cwd, more=known)
    with tempfile.TemporaryFile() as errors:
        child = await launcher.start(
            Command(
                argv=_argv(spec, known),
                cwd=cwd,
                environment=environment,
                access=Access(profile="write", root=project, readable=(lent,) if lent else ()),
                typed=True,
                errors=errors.fileno(),
            )
        )
        try:
            async with asyncio.timeout(spec.timeout_s or None):
                output, _ = await asyncio.gather(_read(child), _tell(child, told))
                code = await child.wait()
        finally:
            await child.stop_all()
        errors.seek(0)
        said = errors.read(MOST).decode("utf-8", "replace")
    return code, output.decode("utf-8", "replace"), said


def _argv(spec: HookSpec, known: Mapping[str, str]) -> tuple[str, ...]:
    if spec.shell:
        return ("sh", "-c", *spec.argv)
    return tuple(_OWN.sub(lambda found: known.get(found[1], ""), word) for word in spec.argv)


def needs_file(spec: HookSpec) -> bool:
    """Whether it means nothing without a file that a call was about."""
    return not spec.shell and any("ION_FILE" in word for word in spec.argv)


async def _tell(child: Child, told: bytes) -> None:
    assert child.input is not None
    with suppress(OSError):  # it need not read
        await child.input.send(told)
    child.input.close()


async def _read(child: Child) -> bytes:
    output = bytearray()
    while chunk := await child.read():
        output += chunk[: max(0, MOST - len(output))]
    return bytes(output)
