"""Claude Code's sessions: JSON lines that are a tree by ``uuid`` and ``parentUuid``.

One answer is several lines of one ``message.id``, and results may stand between them; here it is
one entry as far as it can be. Lines of subagents inside a session are left out and counted; a file
of a subagent is a session. The format has no official description; this is what it is seen to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ion_core.messages import Message, ToolResult, answered, user
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.base import Began, Found, Imported, LeftOut, Named
from ion_core.sessions.importers.claude_answer import Answer
from ion_core.sessions.importers.claude_blocks import parts_of, results_of
from ion_core.sessions.importers.wire import Record, listed, record, seconds, told, words

_KINDS = (b'"type":"user"', b'"type":"assistant"', b'"type":"summary"', b'"type":"system"')
_REMEMBERED = 20_000
"""Lines whose place is kept at hand: a parent is never further up than that, in practice."""


class Claude:
    """An importer."""

    name = "claude"

    def recognises(self, begin: bytes, file_name: str) -> bool:
        """By lines that name a session and a parent."""
        tight = begin.replace(b'": ', b'":')
        named = b'"parentUuid"' in tight or b'"leafUuid"' in tight
        return tight.startswith(b"{") and named and any(kind in tight for kind in _KINDS)

    def read(self, file: Path, blobs: Blobs) -> Iterator[Imported]:
        """Everything in the file."""
        reading = _Reading(file, blobs)
        yield from told(file, reading.line)
        yield from reading.settle()


class _Reading:
    """One file. ``_places`` says which entry the children of a line follow."""

    def __init__(self, file: Path, blobs: Blobs) -> None:
        self._file, self._blobs = file, blobs
        self._begun = self._beside = False
        self._places: dict[str, str | None] = {}
        self._names: dict[str, str] = {}
        self._answer: Answer | None = None
        self._title = ""

    def line(self, number: int, line: Record) -> Iterator[Imported]:
        kind = line["type"]
        if kind == "summary":
            self._title = words(line.get("summary", ""))
            return
        if kind in ("custom-title", "ai-title"):
            title = words(line.get("customTitle") or line.get("aiTitle") or "")
            yield Named(title=title, by_person=kind == "custom-title")
            return
        if "uuid" not in line:
            yield LeftOut(what=words(kind))
            return
        yield from self._begin(line)
        yield from self._entry(number, line, words(kind))

    def settle(self) -> Iterator[Imported]:
        """The answer that is being gathered is whole."""
        answer, self._answer = self._answer, None
        if answer is not None:
            yield from answer.values()

    def _begin(self, line: Record) -> Iterator[Imported]:
        if self._begun:
            return
        self._begun, self._beside = True, bool(line.get("isSidechain"))
        own = words(line.get("sessionId") or self._file.stem)
        yield Began(
            key=f"{own}/{line['agentId']}" if self._beside and line.get("agentId") else own,
            at=seconds(line["timestamp"]),
            cwd=words(line.get("cwd") or ""),
            git_branch=line.get("gitBranch") or None,
        )
        if self._title:
            yield Named(title=self._title)

    def _entry(self, number: int, line: Record, kind: str) -> Iterator[Imported]:
        if bool(line.get("isSidechain")) and not self._beside:
            self._passed(line)
            yield LeftOut(what="line of a subagent")
        elif kind == "assistant":
            yield from self._said(number, line)
        elif kind == "user":
            yield from self.settle()
            yield from self._heard(number, line)
        else:
            self._passed(line)
            yield LeftOut(what=kind)

    def _said(self, number: int, line: Record) -> Iterator[Imported]:
        uuid, message = words(line["uuid"]), record(line["message"])
        same = str(message.get("id") or uuid)
        if self._answer is None or self._answer.message != same:
            yield from self.settle()
            self._answer = Answer(
                same, number, uuid, self._parent(line), seconds(line["timestamp"])
            )
        self._answer.add(message, parts_of(listed(message["content"]), self._blobs))
        self._place(uuid, self._answer.id)
        for call in self._answer.calls:
            self._names[call.id] = call.name

    def _heard(self, number: int, line: Record) -> Iterator[Imported]:
        blocks, at = listed(record(line["message"])["content"]), seconds(line["timestamp"])
        parent, uuid = self._parent(line), words(line["uuid"])
        results = results_of(blocks, self._names, self._blobs)
        said = self._question(line, blocks)
        bodies: list[Message] = [answered(result) for result in results] + said
        if not bodies:
            self._passed(line)
            yield LeftOut(what="note of the program")
            return
        before = parent
        for index, body in enumerate(bodies, 1):
            own = uuid if index == len(bodies) else f"{uuid}#{index}"
            yield Found(line=number, id=own, parent=parent, at=at, body=body)
            parent = own
        self._place(uuid, uuid)
        if results and not said:
            self._follow(before, uuid, results)

    def _question(self, line: Record, blocks: list[Record]) -> list[Message]:
        """What a person said; the program's own notes (``isMeta``) are none of it."""
        spoken = [block for block in blocks if block.get("type") != "tool_result"]
        if line.get("isMeta") or not spoken:
            return []
        if line.get("isCompactSummary"):
            said = "\n".join(words(block.get("text", "")) for block in spoken)
            return [user(said)]
        parts = parts_of(spoken, self._blobs)
        return [Message(role="user", parts=parts)] if parts else []

    def _follow(self, before: str | None, uuid: str, results: list[ToolResult]) -> None:
        """Results of one answer stand side by side in the file and one after another here: what
        comes next to its calls comes after this one."""
        for line, place in list(self._places.items())[-64:]:
            if place == before:
                self._places[line] = uuid

    def _passed(self, line: Record) -> None:
        self._place(words(line["uuid"]), self._parent(line))

    def _place(self, uuid: str, place: str | None) -> None:
        if len(self._places) >= _REMEMBERED:
            for old in list(self._places)[: _REMEMBERED // 2]:
                del self._places[old]
        if len(self._names) >= _REMEMBERED:
            self._names.clear()
        self._places[uuid] = place

    def _parent(self, line: Record) -> str | None:
        parent = line.get("parentUuid") or line.get("logicalParentUuid")
        return None if parent is None else self._places.get(words(parent), words(parent))
