"""Files that are damaged, and what must be true of ion afterwards.

It starts, it says what it saved, it deletes nothing, and what is left is a database that is whole.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path

from tests.crash import laws
from tests.crash.house import House
from tests.crash.play import going_on

PAGE = 4096


def spoil(file: Path, chance: random.Random) -> None:
    """Cut a file off, or overwrite some of it."""
    size = file.stat().st_size
    how = chance.choice(("cut", "page", "pages", "bytes", "first"))
    if how == "cut":
        os.truncate(file, chance.randrange(1, size))
        return
    places = {"page": 1, "pages": 8, "bytes": 30, "first": 1}[how]
    length = {"page": PAGE, "pages": PAGE, "bytes": 8, "first": chance.choice((16, 100, PAGE))}[how]
    with file.open("r+b") as data:
        for _ in range(places):
            at = 0 if how == "first" else chance.randrange(size) // length * length
            data.seek(at)
            data.write(chance.randbytes(min(length, size - at)))


def after_damage(house: House, whole: Path | None) -> list[str]:
    """Every law, for a home whose database is damaged; ``whole`` is what it was."""
    try:
        return list(_after_damage(house, whole))
    except AssertionError as error:
        return [str(error) or "an assertion failed"]


def _after_damage(house: House, whole: Path | None) -> Iterator[str]:
    (house.home / "script.json").write_text(going_on())
    before = house.file.read_bytes() if house.file.exists() else b""
    said = house.ion("run", "hello")
    if said.code and "next start of ion" in said.err:  # it was met in the middle of a turn
        said = house.ion("run", "hello")
    if said.code or "Traceback" in said.err:
        yield f"a new session ended with {said.code}: {said.err[-300:]}"
    listed = house.sessions()
    old = [each for each in listed if each["title"] != "hello"]
    for each in old[:1]:
        went = house.gone_on(each["session"])
        if went.code:
            yield f"going on ended with {went.code}: {went.err[-300:]}"
        else:
            yield from laws.illegal(asyncio.run(laws.path_of(house, each["session"])))
    repaired = house.ion("sessions", "repair")
    checked = house.ion("sessions", "repair", "--check")
    if repaired.code or checked.code:
        yield f"it cannot be repaired: {repaired.err}{repaired.out[-300:]}{checked.out[-300:]}"
    asides = [each for each in house.home.glob("sessions.db.broken-*") if _is_file(each)]
    if whole is not None and not old and not asides:
        yield "the session is gone, and nothing was set aside"
    if asides and before and asides[0].read_bytes() != before and whole is not None:
        # The first process may have written into it before the damage showed.
        size = asides[0].stat().st_size
        if size < len(before):
            yield "what was set aside is not what was there"
    if asides and "saved" not in said.err + repaired.out + repaired.err and not _told(house):
        yield "a file was set aside, and nobody was told"


def _is_file(path: Path) -> bool:
    return not path.name.endswith(("-wal", "-shm"))


def _told(house: House) -> bool:
    """Some other command may have been the one that met the damage."""
    return any("could be saved" in said.err for said in house.heard)
