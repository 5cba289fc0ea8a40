"""The laws of taking in what others wrote: all of it comes, nothing comes twice, a file that grew
adds what is new, and a broken line costs no more than itself.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ion_core.messages import Message
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.importers.intake import Taken
from ion_core.sessions.importers.recognised import recognised
from ion_core.sessions.importers.take_in import take_in
from ion_core.sessions.sqlite import SqliteStore

AT = "2026-02-03T04:05:06.700Z"
GARBAGE = (b"\xff\xfe\x00", b"{", b"[]", b'"\\ud800"', b'{"type":', b"\x00", b'{"type": "message"}')
Story = list[tuple[int, str]]
"""Each said thing: how far above it its parent is, and its words. A person and a model alternate
by their place."""

words = st.text(st.characters(categories=["L", "N", "So"]), min_size=1, max_size=12)
stories = st.lists(st.tuples(st.integers(1, 4), words), min_size=1, max_size=12)
Lines = Callable[[Story], list[bytes]]


def _line(value: Any) -> bytes:
    return json.dumps(value).encode()


def _parent(number: int, up: int) -> str | None:
    return f"n{number - up}" if number - up >= 0 else None


def pi(story: Story) -> list[bytes]:
    header = {"type": "session", "version": 3, "id": "s", "timestamp": AT, "cwd": "/gone"}
    lines = [_line(header)]
    for number, (up, text) in enumerate(story):
        content = [{"type": "text", "text": text}]
        asked = {"role": "user", "content": content}
        told = {"role": "assistant", "content": content, "stopReason": "stop", "model": "m"}
        own = {"type": "message", "id": f"n{number}", "parentId": _parent(number, up)}
        lines.append(_line(own | {"timestamp": AT, "message": told if number % 2 else asked}))
    return lines


def claude(story: Story) -> list[bytes]:
    lines = []
    for number, (up, text) in enumerate(story):
        kind = "assistant" if number % 2 else "user"
        content = [{"type": "text", "text": text}]
        message = {"role": kind, "content": content, "id": f"m{number}", "model": "m"}
        own = {"type": kind, "uuid": f"n{number}", "parentUuid": _parent(number, up)}
        lines.append(_line(own | {"timestamp": AT, "sessionId": "s", "message": message}))
    return lines


def codex(story: Story) -> list[bytes]:
    lines = [_line({"timestamp": AT, "type": "session_meta", "payload": {"id": "s"}})]
    for number, (_, text) in enumerate(story):
        role, kind = ("assistant", "output_text") if number % 2 else ("user", "input_text")
        item = {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}
        lines.append(_line({"timestamp": AT, "type": "response_item", "payload": item}))
    return lines


def gemini(story: Story) -> list[bytes]:
    lines = [_line({"sessionId": "s", "projectHash": "h", "startTime": AT, "lastUpdated": AT})]
    for number, (_, text) in enumerate(story):
        kind = "gemini" if number % 2 else "user"
        own = {"id": f"n{number}", "timestamp": AT, "type": kind, "content": text, "model": "m"}
        lines.append(_line(own))
    return lines


def aider(story: Story) -> list[bytes]:
    lines = [b"# aider chat started at 2026-01-02 03:04:05\n"]
    return [
        *lines,
        *(f"{'' if n % 2 else '#### '}{text}\n".encode() for n, (_, text) in enumerate(story)),
    ]


FORMATS = [pytest.param(each, id=each.__name__) for each in (pi, claude, codex, gemini)]


async def _taken(store: SqliteStore, file: Path, lines: list[bytes]) -> Taken:
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    importer = recognised(file)
    assert importer is not None
    return await take_in(store, Blobs(file.parent / "blobs"), file, importer, file.parent)


async def _said(store: SqliteStore, taken: Taken) -> list[str]:
    """The words of every entry of a session."""

    def bodies(db: Any) -> list[str]:
        sql = "SELECT body FROM entry_text WHERE session_id = ? ORDER BY id"
        return [body for (body,) in db.execute(sql, (taken.sessions[0],))]

    return await store.ask(bodies)


def _told(story: Callable[[SqliteStore, Path], Any]) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = await SqliteStore.memory()
            try:
                await story(store, Path(folder, "transcript.jsonl"))
            finally:
                await store.aclose()

    asyncio.run(run())


@pytest.mark.parametrize("lines", [*FORMATS, pytest.param(aider, id="aider")])
@settings(max_examples=20, deadline=None)
@given(story=stories, cut=st.integers(1, 12))
def test_all_of_it_comes_once_however_often_and_by_what_steps(
    lines: Lines, story: Story, cut: int
) -> None:
    async def tell(store: SqliteStore, file: Path) -> None:
        written = lines(story)
        some = len(written) - len(story) + min(cut, len(story))
        first = await _taken(store, file, written[:some])
        whole = await _taken(store, file, written)
        again = await _taken(store, file, written)
        assert (first.skipped, whole.skipped, again.entries) == (0, 0, 0)
        assert first.entries + whole.entries == len(story)
        assert await _said(store, whole) == [text for _, text in story]

    _told(tell)


@pytest.mark.parametrize("lines", FORMATS)
@settings(max_examples=20, deadline=None)
@given(story=stories, broken=st.lists(st.tuples(st.integers(2, 12), st.sampled_from(GARBAGE))))
def test_a_broken_line_costs_itself_and_is_named(
    lines: Lines, story: Story, broken: list[tuple[int, bytes]]
) -> None:
    async def tell(store: SqliteStore, file: Path) -> None:
        written = lines(story)
        for place, garbage in broken:
            written.insert(min(place, len(written)), garbage)
        taken = await _taken(store, file, written)
        assert {written[bad.line - 1] for bad in taken.bad} <= set(GARBAGE)
        assert taken.skipped >= sum(written.count(each) for each in set(GARBAGE)) - sum(
            taken.left_out.values()
        )
        assert await _said(store, taken) == [text for _, text in story]

    _told(tell)


@pytest.mark.parametrize("lines", FORMATS)
@settings(max_examples=20, deadline=None)
@given(story=stories, torn=st.integers(1, 40))
def test_a_torn_end_is_made_good_by_the_whole_file(lines: Lines, story: Story, torn: int) -> None:
    async def tell(store: SqliteStore, file: Path) -> None:
        written = lines([*story, (1, "the end")])
        cut = [*written[:-1], written[-1][:-torn]]
        first = await _taken(store, file, cut)
        assert (first.entries, first.skipped) == (len(story), 1)
        whole = await _taken(store, file, written)
        assert (whole.entries, whole.skipped) == (1, 0)
        path = await store.path(whole.sessions[0])
        assert isinstance(path[-1].body, Message)
        assert path[-1].body.text == "the end"

    _told(tell)


def test_a_line_that_is_too_long_is_left_out_with_a_sentence() -> None:
    async def tell(store: SqliteStore, file: Path) -> None:
        long = pi([(1, "x" * 100_000_000)])[1]
        taken = await _taken(store, file, [*pi([(1, "before")]), long, pi([(1, "")])[0]])
        assert (taken.entries, taken.skipped) == (1, 1)
        assert (taken.bad[0].line, taken.bad[0].reason) == (3, "it is longer than 64 MB")

    _told(tell)
