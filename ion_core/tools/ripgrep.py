"""Ripgrep, which lists and searches files and knows what ``.gitignore`` leaves out.

It comes with ion as a wheel, so it is looked for beside the interpreter first. It is started like
every child, reads no configuration and is ended as soon as the caller has enough.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

from ion_core.tools.environment import child_environment
from ion_core.tools.process import Child, Command, Launcher

_ALWAYS = ("--no-config", "--color=never", "--no-messages", "--no-require-git")
_KEYS = ("!**/.ion/*auth.json*", "!**/ion/*auth.json*")
_HIDDEN_KEYS = ("!.git", "!.ssh", "!.aws", "!.gnupg", "!.netrc")

_COMPLAINT_BYTES = 5_000


class RipgrepFailed(Exception):
    """Ripgrep is missing or does not understand the request. ``str(error)`` is a sentence."""


class Ripgrep:
    """Runs ``rg`` by a launcher."""

    def __init__(self, launcher: Launcher) -> None:
        self._launcher = launcher

    async def records(
        self, folder: Path, *flags: str, end: bytes, hidden: bool = False, file: str = ""
    ) -> AsyncGenerator[bytes, None]:
        """What ``rg`` prints in ``folder``, or about one file there, split at ``end`` and without
        it. Closing the generator ends the process. Raises :class:`RipgrepFailed`, ``OSError``."""
        # Of globs the last that fits decides: what is left out comes after what is asked for.
        last = ("--", file) if file else ()
        child = await self._start(folder, (*flags, *_visibility(folder, hidden), *last))
        try:
            start = rest = b""
            while batch := await child.read():
                start += batch[: max(0, _COMPLAINT_BYTES - len(start))]
                *whole, rest = (rest + batch).split(end)
                for record in whole:
                    yield record
            # 1: nothing was found. Every true record holds a NUL after its path.
            if await child.wait() > 1 and start and b"\0" not in start:
                raise RipgrepFailed(_complaint(start))
        finally:
            await child.stop()

    async def files(self, folder: Path, *, hidden: bool = False) -> AsyncGenerator[str, None]:
        """The files below ``folder`` in the order of their paths, relative to it."""
        records = self.records(folder, "--files", "-0", "--sort=path", end=b"\0", hidden=hidden)
        try:
            async for record in records:
                yield record.decode("utf-8", "replace")
        finally:
            await records.aclose()

    async def _start(self, folder: Path, arguments: tuple[str, ...]) -> Child:
        environment = child_environment(os.environ, cwd=str(folder))
        argv = (_program(), *_ALWAYS, *arguments)
        return await self._launcher.start(
            Command(argv=argv, cwd=str(folder), environment=environment)
        )


def asks_for_hidden(*patterns: str) -> bool:
    """Whether a path or pattern names something hidden, so that hidden files are meant."""
    parts = (part for pattern in patterns for part in pattern.split("/"))
    return any(part.startswith(".") and part.strip(".") for part in parts)


def _visibility(folder: Path, hidden: bool) -> tuple[str, ...]:
    """What is left out besides what ``.gitignore`` says: the places that no tool may read, and
    hidden files unless they are wanted."""
    globs = [*_KEYS, *(_HIDDEN_KEYS if hidden else ("!.*",))]
    if folder.name in (".ion", "ion"):
        globs.append("!*auth.json*")
    return (*(("--hidden",) if hidden else ()), *(f"--glob={glob}" for glob in globs))


def _program() -> str:
    folders = [os.path.dirname(sys.executable), *os.environ.get("PATH", "").split(":")]
    for folder in folders:
        program = os.path.join(folder, "rg")
        if folder and os.path.isfile(program) and os.access(program, os.X_OK):
            return program
    raise RipgrepFailed(
        "ripgrep (rg) was not found beside ion or on the PATH. Reinstall ion, or install ripgrep."
    )


def _complaint(output: bytes) -> str:
    return output.decode("utf-8", "replace").strip().removeprefix("rg: ")
