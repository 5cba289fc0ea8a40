"""The door of the doctor's room: what is looked at, and what is found.

A check asks nothing of the network, changes nothing that a person wrote, and works on damaged
files: that is when it is wanted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from ion_core.config.schema import Settings

Status: TypeAlias = Literal["ok", "warn", "fail"]
"""``warn``: ion works, but less well or less safely. ``fail``: something is broken."""


class Check(Struct, frozen=True, kw_only=True):
    """What was found of one thing: ``detail`` in a sentence or two, and ``fix``, what a person can
    do; empty where nothing is to be done."""

    name: str
    status: Status
    detail: str
    fix: str = ""


class Patient(Struct, frozen=True, kw_only=True):
    """What is examined: a folder, ion's own folder, the variables, and the settings as far as they
    could be read. ``trouble`` is why they could not; ``columns`` and ``lines`` are 0 where there is
    no terminal."""

    cwd: Path
    home: Path
    env: Mapping[str, str]
    settings: Settings
    warnings: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    trouble: str = ""
    columns: int = 0
    lines: int = 0
    encoding: str = "utf-8"


Examine: TypeAlias = Callable[[Patient], Check]


def worst(*found: Status) -> Status:
    """The worst of some findings; ``ok`` of none."""
    return max(found, key=("ok", "warn", "fail").index, default="ok")
