"""Which folders the person trusts: remembered by where they are and by what they are.

Before somebody decided, nothing in a folder is opened; names are listed and no more. What a trusted
folder would execute is remembered too, so that a change of it is asked about again.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Struct

from ion_core.config.atomic import replace_file
from ion_core.config.paths import private_folder, project_root

NAME: Final = "trust.json"

PROGRAMS, ADVICE, VALUES, LOOKS = (
    "May start programs",
    "Tells the model what to do",
    "Sets variables",
    "Changes how ion looks",
)
INERT: Final = {
    ".ion/config.toml": PROGRAMS,
    ".ion/config.local.toml": PROGRAMS,
    ".ion/skills": PROGRAMS,
    ".ion/agents": ADVICE,
    ".ion/commands": ADVICE,
    ".ion/hooks": PROGRAMS,
    ".ion/themes": LOOKS,
    ".mcp.json": PROGRAMS,
    ".claude/settings.json": PROGRAMS,
    ".claude/settings.local.json": PROGRAMS,
    ".claude/skills": PROGRAMS,
    ".claude/agents": ADVICE,
    ".claude/commands": ADVICE,
    ".agents/skills": PROGRAMS,
    ".ion/rules": ADVICE,
    "AGENTS.override.md": ADVICE,
    "AGENTS.md": ADVICE,
    "AGENTS.local.md": ADVICE,
    "CLAUDE.md": ADVICE,
    "CLAUDE.local.md": ADVICE,
    "GEMINI.md": ADVICE,
    "GEMINI.local.md": ADVICE,
    ".env": VALUES,
}
"""What of a folder is obeyed once it is trusted, and is not so much as opened before; and the most
that each can do."""


class Trusted(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One decision. ``id`` is ``device:inode`` of the folder, ``at`` seconds since the epoch;
    ``below``: also everything below it. ``entries`` are what it would execute, by name; ``state``
    tells the files that say so apart from later ones. ``under``: it holds as long as that folder
    above is trusted with everything below it."""

    id: str
    at: float
    below: bool = False
    under: str = ""
    entries: dict[str, str] = {}
    state: str = ""


class Decisions(Struct, frozen=True, kw_only=True):
    """The file."""

    folders: dict[str, Trusted] = {}


class Standing(NamedTuple):
    """How a folder stands. ``names`` are what would load; ``changes`` what it would execute
    otherwise than when it was trusted, a line each. ``under`` is the trusted folder above when this
    one was never looked at itself."""

    trusted: bool
    names: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    damage: str = ""
    under: str = ""


def standing(folder: Path, home: Path) -> Standing:
    """Whether a folder is trusted. ``home`` is ion's own folder. Opens nothing in a folder that is
    not."""
    real = Path(os.path.realpath(folder))
    decisions, damage = _read(home)
    if (record := _own(decisions, real)) is not None:
        changes = _changes(real, record)
        return Standing(False, names(real), changes) if changes else Standing(True)
    if above := _above(decisions, real):
        return Standing(True, under=above)
    return Standing(False, names(real), damage=damage)


def arrive(folder: Path, home: Path) -> Standing:
    """The same, for whoever is about to work there: of a folder below a trusted one it is
    remembered what it would execute now, so that a later change is noticed."""
    found = standing(folder, home)
    if found.under:
        with suppress(OSError):
            _remember(Path(os.path.realpath(folder)), home, under=found.under)
    return found


def kind_of(name: str) -> str:
    """The most that one of ``names`` can do."""
    return next((kind for known, kind in INERT.items() if name.endswith(known)), PROGRAMS)


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
    real = Path(os.path.realpath(folder))
    before = _own(_read(home)[0], real)
    wide = below or (before is not None and before.below)
    _remember(real, home, below=wide and may_cover(real))


def _remember(folder: Path, home: Path, *, below: bool = False, under: str = "") -> None:
    from ion_core.config.executables import executables, state_of  # start-up: once a folder

    entries = executables(folder)
    record = Trusted(
        id=_identity(folder) or "",
        at=time.time(),
        below=below,
        under=under,
        entries=entries,
        state=state_of(folder, entries),
    )
    private_folder(home)
    with _alone(home):
        decisions, _ = _read(home)
        _write(home, {**decisions.folders, str(folder): record})


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Another ion that decides something at the same time waits (flock(2))."""
    import fcntl  # start-up: once a folder

    folder = os.open(home, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def may_cover(folder: Path) -> bool:
    """Whether trust in a folder may reach to everything below it."""
    person = Path(os.path.realpath(os.path.expanduser("~")))
    return folder != Path(folder.anchor) and folder not in (person, *person.parents)


def _own(decisions: Decisions, folder: Path) -> Trusted | None:
    """The decision about a folder itself, as long as it is still the same folder."""
    record = decisions.folders.get(str(folder))
    if record is None or record.id != _identity(folder):
        return None
    return record if not record.under or _above(decisions, folder) else None


def _above(decisions: Decisions, folder: Path) -> str:
    """The nearest folder above that is trusted with everything below it."""
    for place in folder.parents:
        record = decisions.folders.get(str(place))
        if record is not None and record.below and record.id == _identity(place):
            return str(place)
    return ""


def _changes(folder: Path, record: Trusted) -> tuple[str, ...]:
    """What a trusted folder would execute otherwise than when it was trusted."""
    from ion_core.config.executables import (  # start-up: see `state_of`
        differences,
        executables,
        state_of,
    )

    if state_of(folder, record.entries) == record.state:
        return ()
    return differences(record.entries, executables(folder))


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
    text = msgspec.json.format(msgspec.json.encode(Decisions(folders=folders)), indent=2)
    replace_file(home / NAME, text + b"\n", 0o600)
