"""Aider's history in Markdown: many chats in one file, each of them a session.

``####`` begins a line of the person, ``>`` one of the program, and everything else is the model's.
What the program said is not kept, but for the model's name and the cost it reports. A command such
as ``/add`` is no prompt; ``/ask``, ``/code`` and ``/architect`` are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ion_core.messages import Message, Origin, Text, user
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import Bad, Began, Found, Imported, LeftOut, Paid
from ion_core.sessions.importers.wire import nano, numbered
from ion_core.usage import Usage

_STARTED = "# aider chat started at "
_SPOKEN = ("/ask ", "/code ", "/architect ")
_MODEL = re.compile(r"^> (?:Main )?[Mm]odel: (\S+)")
_COST = re.compile(
    r"^> Tokens: ([\d.,]+)(k?) sent.*?([\d.,]+)(k?) received\."
    r"(?: Cost: \$([\d.]+) message)?"
)
_FENCE = re.compile(r"^(`{3,}|~{3,})")


class Aider:
    """An importer."""

    name = "aider"

    def recognises(self, begin: bytes, file_name: str) -> bool:
        """By the heading of its first chat."""
        return begin.lstrip().startswith(_STARTED.encode())

    def read(self, file: Path, blobs: Blobs) -> Iterator[Imported]:
        """Everything in the file."""
        reading = _Reading(file.absolute().parent)
        for number, line in numbered(file, empty=True):
            yield from reading.line(number, line.decode(errors="replace").rstrip("\r\n"))
        yield from reading.settle()


class _Reading:
    """One file. A chat is a session once somebody asked something in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._at, self._started, self._model = 0.0, "", ""
        self._begun = self._fenced = False
        self._role, self._line, self._said = "", 0, list[str]()
        self._count, self._last, self._answer = 0, "", ""

    def line(self, number: int, line: str) -> Iterator[Imported]:
        if line.startswith(_STARTED):
            yield from self.settle()
            yield from self._chat(number, line.removeprefix(_STARTED).strip())
        elif line.startswith("####") and not self._fenced:
            yield from self._add("user", number, line[4:].strip())
        elif line.startswith(">") and not self._fenced:
            yield from self._noted(line)
        else:
            if self._role != "user" and _FENCE.match(line):
                self._fenced = not self._fenced
            yield from self._add("assistant", number, line)

    def settle(self) -> Iterator[Imported]:
        """What is being gathered is whole."""
        said = "\n".join(self._said).strip()
        role, self._role, self._said = self._role, "", []
        if role == "user":
            yield from self._asked(said)
        elif said and self._begun:
            origin = Origin(protocol="", provider="aider", base_url="", model=self._model)
            body = Message(
                role="assistant", parts=(Text(text=said),), origin=origin, stop="end_turn"
            )
            yield self._found(body)
            self._answer = self._last

    def _chat(self, number: int, started: str) -> Iterator[Imported]:
        self._begun = self._fenced = False
        self._started, self._count, self._last, self._answer = started, 0, "", ""
        try:
            self._at = datetime.fromisoformat(started).timestamp()
        except ValueError:
            yield Bad(line=number, reason=f"{started!r} is no time")

    def _add(self, role: str, number: int, line: str) -> Iterator[Imported]:
        if role != self._role:
            yield from self.settle()
            self._role, self._line = role, number
        self._said.append(line)

    def _noted(self, line: str) -> Iterator[Imported]:
        yield from self.settle()
        if model := _MODEL.match(line):
            self._model = model[1]
        elif self._answer and (told := _COST.match(line)):
            yield Paid(
                entry=self._answer,
                provider="aider",
                model=self._model,
                usage=Usage(input=_tokens(told[1], told[2]), output=_tokens(told[3], told[4])),
                cost_nano=nano(told[5]),
                at=self._at,
            )
            self._answer = ""

    def _asked(self, said: str) -> Iterator[Imported]:
        spoken = next((said.removeprefix(each) for each in _SPOKEN if said.startswith(each)), "")
        if said.startswith(("/", "!")) and not spoken:
            yield LeftOut(what="command")
            return
        said = spoken or said
        if not said:
            return
        if not self._begun:
            self._begun = True
            key = f"{self._started}/{said[:200]}"
            yield Began(key=key, at=self._at, cwd=str(self._folder))
        yield self._found(user(said))

    def _found(self, body: Message) -> Found:
        """Entries have no ids there: they are counted, and the file only grows."""
        parent, self._count = self._last or None, self._count + 1
        self._last = str(self._count)
        return Found(line=self._line, id=self._last, parent=parent, at=self._at, body=body)


def _tokens(number: str, thousands: str) -> int:
    return round(float(number.replace(",", "") or 0) * (1000 if thousands else 1))
