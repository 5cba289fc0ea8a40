"""A library as somebody has it after years: 5,000 sessions and 130,000 entries, one of them long.

The same sessions lie in a store and, for comparison, in one file of JSON lines a session. They are
made once by a fixed seed, and kept in the folder for temporary files.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from ion_core.ids import CallId, SessionId, new_session_id
from ion_core.messages import Message, Text, ToolCall, ToolResult, answered, user
from ion_core.sessions.base import Append, SessionInfo
from ion_core.sessions.schema import VERSION
from ion_core.sessions.sqlite import SqliteStore

SESSIONS, ENTRIES, LONG = 5_000, 24, 10_000
VOCABULARY = 8_000
NOW = 1_764_000_000.0
MADE = 1
"""Raised when other sessions are made."""


class Library:
    """``store`` is the database, ``lines`` the folder of files, ``long`` the long session."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store, self.lines = folder / "home" / "sessions.db", folder / "lines"

    @property
    def long(self) -> SessionId:
        return SessionId((self.folder / "long").read_text())


def library() -> Library:
    """The library, made if it is not there."""
    kept = Path(tempfile.gettempdir()) / f"ion-bench-library-{os.getuid()}-{VERSION}-{MADE}"
    if not (kept / "long").exists():
        scratch = Path(tempfile.mkdtemp(prefix="ion-bench-"))
        asyncio.run(_fill(Library(scratch)))
        shutil.rmtree(kept, ignore_errors=True)
        scratch.replace(kept)
    return Library(kept)


async def _fill(made: Library) -> None:
    chance = random.Random(1)
    made.lines.mkdir()
    store = await SqliteStore.open(made.store, clock=lambda: clock[0])
    await store.ask(lambda db: db.execute("PRAGMA synchronous=OFF").close())
    clock = [NOW]
    for number in range(SESSIONS):
        clock[0] = began = NOW - chance.random() * 400 * 86_400
        info = SessionInfo(
            id=new_session_id(lambda began=began: began),  # type: ignore[misc]
            project=f"p{number % 40}",
            cwd=f"/work/{number % 40}",
            model=f"mock/m{number % 5}",
            created_at=began,
            updated_at=began,
        )
        size = LONG if number == SESSIONS // 2 else ENTRIES
        bodies = list(_bodies(chance, size))
        await store.create(info, [Append(body=body) for body in bodies])
        _write_lines(made.lines / f"{info.id}.jsonl", info, bodies)
        if size == LONG:
            (made.folder / "long-of").write_text(info.id)
    await store.aclose()
    (made.folder / "long-of").rename(made.folder / "long")


def _write_lines(path: Path, info: SessionInfo, bodies: list[Message]) -> None:
    """The same as JSON lines: a head, then an entry a line."""
    encode = msgspec.json.encode
    lines = [encode({"type": "session", "id": info.id, "cwd": info.cwd, "at": info.created_at})]
    for number, body in enumerate(bodies):
        entry = {"type": "message", "id": number, "parent": number - 1, "message": body}
        lines.append(encode(entry))
    path.write_bytes(b"\n".join(lines) + b"\n")


def _bodies(chance: random.Random, size: int) -> Iterator[Message]:
    """Words as language has them: the n-th most frequent is 1/n as frequent as the first."""
    while True:
        words = chance.choices(_WORDS, cum_weights=_WEIGHTS, k=480)
        for at in range(0, 480, 120):
            if size == 0:
                return
            size -= 1
            yield _body(size, words[at : at + 120])


_WORDS = [f"w{number}" for number in range(VOCABULARY)]
_WEIGHTS = [0.0]
for _number in range(VOCABULARY):
    _WEIGHTS.append(_WEIGHTS[-1] + 1 / (_number + 1))
_WEIGHTS = _WEIGHTS[1:]


def _body(number: int, words: list[str]) -> Message:
    text = " ".join(words)
    match number % 4:
        case 3:
            return user(" ".join(words[:40]))
        case 2:
            call = ToolCall(id=CallId(f"c{number}"), name="bash", arguments={"command": text[:80]})
            return Message(role="assistant", parts=(Text(text=text[:200]), call), stop="tool_use")
        case 1:
            result = ToolResult(
                call=CallId(f"c{number + 1}"), name="bash", status="ok", content=f"{text}\n" * 4
            )
            return answered(result)
        case _:
            return Message(role="assistant", parts=(Text(text=text),), stop="end_turn")


# The questions, as stores of one file a session answer them.


def listed_whole(lines: Path) -> int:
    """Read and parse every line of every file, as pi does for its list; how many sessions."""
    return sum(1 for path in lines.iterdir() if _parsed(path))


def _parsed(path: Path) -> list[object]:
    with path.open("rb") as file:
        return [json.loads(line) for line in file]


def listed_by_ends(lines: Path) -> int:
    """Read and parse the first and the last line of every file."""
    found = 0
    for path in lines.iterdir():
        with path.open("rb") as file:
            json.loads(file.readline())
            file.seek(max(0, path.stat().st_size - 16_384))
            json.loads(file.read().splitlines()[-1])
        found += 1
    return found


def opened(lines: Path, session: str) -> int:
    """Parse the file of one session."""
    return len(_parsed(lines / f"{session}.jsonl"))


def searched(lines: Path, *words: str) -> int:
    """Look for words in every file."""
    wanted = [word.encode() for word in words]
    found = 0
    for path in lines.iterdir():
        for line in path.read_bytes().splitlines():
            found += all(word in line for word in wanted)
    return found


if __name__ == "__main__":
    began = time.monotonic()
    print(library().folder, f"{time.monotonic() - began:.1f} s")
