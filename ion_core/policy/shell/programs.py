"""Which file a command's name stands for, and whether only the system's owner can change it (C4).

A name is looked up in a fixed ``PATH``, not in the person's: what is found in a folder that the
person, or an earlier command, can write is nobody's word. A program that is not installed runs
nothing and counts as harmless.
"""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Final

from ion_core.policy.base import Unproved

PATH: Final = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Where programs of the system are; commands that are proved harmless run with no other."""

LOOKING: Final[dict[str, str]] = {
    "PATH": ":".join(PATH),
    "GIT_PAGER": "cat",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_CONFIG_COUNT": "5",
    "GIT_CONFIG_KEY_0": "core.fsmonitor",
    "GIT_CONFIG_VALUE_0": "false",
    "GIT_CONFIG_KEY_1": "core.hooksPath",
    "GIT_CONFIG_VALUE_1": "/dev/null",
    "GIT_CONFIG_KEY_2": "diff.autoRefreshIndex",
    "GIT_CONFIG_VALUE_2": "false",
    "GIT_CONFIG_KEY_3": "diff.ignoreSubmodules",
    "GIT_CONFIG_VALUE_3": "all",
    "GIT_CONFIG_KEY_4": "gc.auto",
    "GIT_CONFIG_VALUE_4": "0",
}
"""The variables with which commands are harmless: no other ``PATH``, and a git that neither writes
its index nor starts anything (rule C9)."""

_WRITABLE_BY_OTHERS: Final = 0o022


def check_program(name: str) -> None:
    """Raises ``Unproved`` unless ``name``, or the path, is a program of the system, or nothing."""
    for file in [name] if "/" in name else [f"{folder}/{name}" for folder in PATH]:
        if os.path.lexists(file):
            if not _is_of_system(file):
                raise Unproved(f"{file} may have been put there by anybody.", "shell.program")
            return


def bare_name(text: str) -> str:
    """The name of a program, of its name or its path in a folder of the system."""
    folder, slash, name = text.rpartition("/")
    if slash and folder not in PATH:
        raise Unproved(f"{text[:60]} is not a program of the system.", "shell.program")
    if not name or name.startswith("-"):
        raise Unproved(f"{text[:60]} is no name of a program.", "shell.program")
    return name


@lru_cache(maxsize=512)
def _is_of_system(file: str) -> bool:
    """Whether root owns the file and every folder above it, and nobody else may write them."""
    real = os.path.realpath(file)
    while True:
        try:
            status = os.stat(real)
        except OSError:
            return False
        if status.st_uid != 0 or status.st_mode & _WRITABLE_BY_OTHERS:
            return False
        if real == "/":
            return True
        real = os.path.dirname(real)
