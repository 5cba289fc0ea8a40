"""Which folders the person trusts: remembered by where they are and by what they are.

Before somebody decided, nothing in a folder is opened; names are listed and no more. What a trusted
folder would execute is remembered too, so that a change of it is asked about again.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from ion_core.config.atomic import replace_file
from ion_core.config.paths import private_folder, project_root

NAME: Final = "trust.json"

INERT: Final = (
    ".ion/config.toml",
    ".ion/config.local.toml",
    ".ion/skills",
    ".ion/agents",
    ".ion/commands",
    ".ion/hooks",
    ".ion/themes",
    ".mcp.json",
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".claude/skills",
    ".claude/agents",
    ".claude/commands",
    ".agents/skills",
    "AGENTS.md",
    "CLAUDE.md",
    "GEMINI.md",
    ".env",
)
"""What of a folder is obeyed once it is trusted, and is not so much as opened before."""


class Trusted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision. ``id`` is ``device:inode`` of the folder, ``at`` seconds since the epoch;
    ``below``: also everything below it. ``entries`` are what it would execute, by name; ``state``
    tells the files that say so apart from later ones."""

    id: str
    at: float
    below: bool = False
    entries: dict[str, str] = {}
    state: str = ""


class Decisions(Struct, frozen=True, kw_only=True):
    """The file."""

    folders: dict[str, Trusted] = {}


class Standing(NamedTuple):
    """How a folder stands. ``names`` are what would load; ``changes`` what it would execute
    otherwise than when it was trusted, a line each."""

    trusted: bool
    names: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    damage: str = ""


def standing(folder: Path, home: Path) -> Standing:
    """Whether a folder is trusted. ``home`` is ion's own folder. Opens nothing in a folder that is
    not."""
    real = Path(os.path.realpath(folder))
    decisions, damage = _read(home)
    record = _record(decisions, real)
    if record is None:
        return Standing(False, names(real), damage=damage)
    changes = _changes(decisions, real, record)
    return Standing(False, names(real), changes) if changes else Standing(True)


def names(folder: Path) -> tuple[str, ...]:
    """What would load if the folder were trusted: names alone, also of the project around it."""
    found = [name for name in INERT if os.path.lexists(folder / name)]
    root = project_root(folder, folder)
    if root != folder:
        found += [str(root / name) for name in INERT if os.path.lexists(root / name)]
    return tuple(found)


def trust(folder: Path, home: Path, *, below: bool = False) -> None:
    """Remember that the person trusts a folder; ``below``: and what is below it, which is never
    remembered of the root or of the person's own folder. Raises ``OSError``."""
    from ion_core.config.executables import executables, state_of  # start-up: once a folder

    real = Path(os.path.realpath(folder))
    below = below and may_cover(real)
    decisions, _ = _read(home)
    record = Trusted(
        id=_identity(real) or "",
        at=time.time(),
        below=below,
        entries=executables(real),
        state=state_of(real),
    )
    _write(home, {**decisions.folders, str(real): record})


def may_cover(folder: Path) -> bool:
    """Whether trust in a folder may reach to everything below it."""
    person = Path(os.path.realpath(os.path.expanduser("~")))
    return folder != Path(folder.anchor) and folder not in (person, *person.parents)


def _record(decisions: Decisions, folder: Path) -> Trusted | None:
    """The decision that covers a folder, as long as it is still the same folder."""
    for place in (folder, *folder.parents):
        record = decisions.folders.get(str(place))
        covers = record is not None and (place == folder or record.below)
        if record is not None and covers and record.id == _identity(place):
            return record
    return None


def _changes(decisions: Decisions, folder: Path, record: Trusted) -> tuple[str, ...]:
    """What a trusted folder would execute otherwise than when it was trusted. What lies below a
    folder that is trusted as a whole is not compared."""
    if decisions.folders.get(str(folder)) is not record:
        return ()
    from ion_core.config.executables import executables, state_of  # start-up: see `state_of`

    if state_of(folder) == record.state:
        return ()
    now = executables(folder)
    gone = [f"- {text}" for name, text in record.entries.items() if now.get(name) != text]
    new = [f"+ {text}" for name, text in now.items() if record.entries.get(name) != text]
    return tuple(sorted((*gone, *new), key=lambda line: line[2:])) if new else ()


def _identity(folder: Path) -> str | None:
    try:
        found = os.stat(folder)
    except OSError:
        return None
    return f"{found.st_dev}:{found.st_ino}"


def _read(home: Path) -> tuple[Decisions, str]:
    """The decisions, and a sentence when they cannot be read: then nothing is trusted."""
    file = home / NAME
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return Decisions(), ""
    except OSError as error:
        return Decisions(), f"{file} cannot be read ({error.strerror}), so no folder is trusted."
    try:
        return msgspec.json.decode(data, type=Decisions), ""
    except msgspec.MsgspecError:
        return Decisions(), f"{file} is damaged, so no folder is trusted."


def _write(home: Path, folders: dict[str, Trusted]) -> None:
    private_folder(home)
    text = msgspec.json.format(msgspec.json.encode(Decisions(folders=folders)), indent=2)
    replace_file(home / NAME, text + b"\n", 0o600)
