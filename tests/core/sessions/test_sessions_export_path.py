"""What an export tells beyond the entries, and exports of one path."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from ion_core import codec
from ion_core.context.projector import project
from ion_core.entries import Body, ModeChange
from ion_core.errors import StoreError
from ion_core.ids import EntryId, SessionId, entry_id, new_session_id
from ion_core.messages import user
from ion_core.providers.base import ModelInfo
from ion_core.sessions.base import Append
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.moving.arrival import take_in
from ion_core.sessions.moving.cut import Cut
from ion_core.sessions.moving.html_page import HtmlPage
from ion_core.sessions.moving.jsonl import Jsonl
from ion_core.sessions.moving.lines import (
    Branch,
    Described,
    EntryLine,
    Header,
    Label,
    UsageLine,
    header_of,
)
from ion_core.sessions.moving.markdown import Markdown
from ion_core.sessions.moving.reading import Departure
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.fakes.sessions import START, an_info, did, said, texts, ticking


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.open(tmp_path / "sessions.db", clock=ticking())
    yield opened
    await opened.aclose()


def a_file(file: Path, **described: object) -> SessionId:
    """An export of two branches that part behind the first answer, with all that can be said."""
    session = new_session_id()
    tree: list[tuple[str, str | None, Body]] = [
        ("a", None, user("Build it")),
        ("b", "a", said("How?", "c1")),
        ("c", "b", did("c1")),
        ("d", "c", user("Of wood")),
        ("e", "d", said("Wood it is.")),
        ("f", "c", user("Of stone")),
        ("g", "f", said("Stone it is.")),
    ]
    told = {"project": "p1", "cwd": "/gone", "branch": "wood", "title": "House"} | described
    header = Header(
        schema=1,
        version="1",
        session=Described(id=session, created_at=START, updated_at=START, **told),  # type: ignore[arg-type]  # any of its fields
        entries=len(tree),
        branches=(Branch(name="wood", leaf="x-e"), Branch(name="stone", leaf="x-g", base="x-f")),
        labels=(Label(entry="x-d", label="decided"),),
        tags=("house",),
    )
    lines = [codec.encode(header)]
    for own, parent, body in tree:
        data = msgspec.Raw(codec.encode(body))
        above = None if parent is None else f"x-{parent}"
        lines.append(codec.encode(EntryLine(id=f"x-{own}", parent=above, at=START, body=data)))
    for entry in ("x-b", "x-e", "x-g"):
        paid = UsageLine(
            entry=entry,
            purpose="turn",
            provider="mock",
            model="m",
            usage=Usage(input=5),
            cost_nano=20_000_000,
            at=START,
        )
        lines.append(codec.encode(paid))
    file.write_bytes(b"\n".join(lines))
    return session


async def arrived(store: SqliteStore, folder: Path, **described: object) -> SessionId:
    session = a_file(folder / "in.jsonl", **described)
    await take_in(store, Blobs(folder / "blobs"), folder / "in.jsonl", folder)
    return session


async def sent(departure: Departure, folder: Path) -> list[bytes]:
    made = Jsonl(departure, Blobs(folder / "blobs"))
    return b"".join([chunk async for chunk in made.chunks()]).splitlines()


async def page(departure: Departure, folder: Path) -> str:
    made = HtmlPage(departure, Blobs(folder / "blobs"))
    return b"".join([chunk async for chunk in made.chunks()]).decode()


async def markdown(departure: Departure) -> str:
    return b"".join([chunk async for chunk in Markdown(departure).chunks()]).decode()


async def entry_of(store: SqliteStore, session: SessionId, text: str) -> EntryId:
    def found(db: sqlite3.Connection) -> EntryId:
        sql = "SELECT id FROM entry WHERE session_id = ? AND instr(CAST(payload AS TEXT), ?)"
        return entry_id(db.execute(sql, (session, text)).fetchone()[0])

    return await store.ask(found)


async def test_a_branch_goes_out_alone_and_comes_in_as_itself(
    store: SqliteStore, tmp_path: Path
) -> None:
    session = await arrived(store, tmp_path)
    lines = await sent(Departure(store, session, Cut(branch="stone")), tmp_path)
    header = header_of(lines[0])
    assert (header.entries, header.session.branch, header.labels) == (5, "stone", ())
    assert sum(b'"line":"usage"' in line for line in lines) == 2
    (tmp_path / "out.jsonl").write_bytes(b"\n".join(lines))
    other = await SqliteStore.memory()
    got = await take_in(other, Blobs(tmp_path / "blobs"), tmp_path / "out.jsonl", tmp_path)
    assert (got.entries, got.skipped, got.absent) == (5, 0, 0)
    path = await other.path(session)
    assert texts(path) == ["Build it", "How?", "", "Of stone", "Stone it is."]
    again = await take_in(other, Blobs(tmp_path / "blobs"), tmp_path / "in.jsonl", tmp_path)
    assert (again.entries, again.skipped) == (2, 0)
    await other.aclose()


async def test_a_path_has_a_beginning_and_an_end(store: SqliteStore, tmp_path: Path) -> None:
    session = await arrived(store, tmp_path)
    first, last = [await entry_of(store, session, text) for text in ("Of wood", "Wood it is")]
    stone = await entry_of(store, session, "Of stone")
    words = await markdown(Departure(store, session, Cut(first=first)))
    assert "Of wood" in words
    assert "Wood it is" in words
    assert "Build it" not in words.partition("## ")[2]
    assert "stone" not in words
    until = await page(Departure(store, session, Cut(last=stone)), tmp_path)
    assert "Of stone" in until
    assert "Stone it is" not in until
    with pytest.raises(StoreError, match="does not come before"):
        await page(Departure(store, session, Cut(first=last, last=first)), tmp_path)
    with pytest.raises(StoreError, match="not on the branch stone"):
        await page(Departure(store, session, Cut(branch="stone", last=last)), tmp_path)
    with pytest.raises(StoreError, match="There are: "):
        await page(Departure(store, session, Cut(branch="clay")), tmp_path)


async def test_readers_see_branches_labels_costs_and_what_the_session_is(
    store: SqliteStore, tmp_path: Path
) -> None:
    session = await arrived(store, tmp_path, description="For the <dog>", pinned=True)
    html = await page(Departure(store, session), tmp_path)
    assert "For the &lt;dog&gt;" in html
    assert "house, pinned" in html
    assert "<mark>decided</mark>" in html
    assert "wood · 5 entries · $0.04" in html
    assert "stone · 2 entries · $0.02" in html
    words = await markdown(Departure(store, session))
    assert "· decided" in words
    assert "stone · 2 entries · $0.02" in words


@pytest.mark.parametrize("first", ["parent", "child"])
async def test_lineage_is_found_again_whoever_comes_first(
    store: SqliteStore, tmp_path: Path, first: str
) -> None:
    blobs = Blobs(tmp_path / "blobs")
    parent = a_file(tmp_path / "parent.jsonl")
    told = {"kind": "fork", "parent": parent, "parent_entry": "x-d"}
    child = a_file(tmp_path / "child.jsonl", **told)
    names = (tmp_path / "child.jsonl").read_text().replace('"x-', '"y-')
    (tmp_path / "child.jsonl").write_text(names.replace('"parent_entry":"y-', '"parent_entry":"x-'))
    order = ["parent", "child"] if first == "parent" else ["child", "parent"]
    for name in order:
        header = header_of((await sent_back(store, blobs, tmp_path / f"{name}.jsonl"))[0])
        if name == "child":
            assert (header.session.kind, header.session.parent) == ("fork", parent)
            assert header.session.parent_entry == "x-d"
    found = await store.ask(
        lambda db: db.execute(
            "SELECT parent_session_id, (SELECT ext_uuid FROM entry WHERE id = parent_entry_id) "
            "FROM session WHERE id = ?",
            (child,),
        ).fetchone()
    )
    assert found == (parent, "x-d")
    assert header_of((await sent(Departure(store, child), tmp_path))[0]).session.parent == parent


async def sent_back(store: SqliteStore, blobs: Blobs, file: Path) -> list[bytes]:
    got = await take_in(store, blobs, file, file.parent)
    return await sent(Departure(store, SessionId(got.session)), file.parent)


async def test_a_session_in_plan_mode_is_projected_alike_everywhere(
    store: SqliteStore, tmp_path: Path
) -> None:
    info = an_info()
    bodies: list[Body] = [user("Think"), ModeChange(mode="plan"), said("Hm."), user("More")]
    bodies += [said("Well."), ModeChange(mode="write"), user("Do it"), said("Done.")]
    await store.create(info, [Append(body=body) for body in bodies])
    (tmp_path / "out.jsonl").write_bytes(
        b"\n".join(await sent(Departure(store, info.id), tmp_path))
    )
    other = await SqliteStore.memory(clock=ticking())
    await other.create(an_info(), [Append(body=user(f"filler {n}")) for n in range(40)])
    await take_in(other, Blobs(tmp_path / "blobs"), tmp_path / "out.jsonl", tmp_path)
    here, there = [await projected(each, info.id) for each in (store, other)]
    assert b".ion/plans/think-" in here
    assert here == there
    await other.aclose()


async def projected(store: SqliteStore, session: SessionId) -> bytes:
    path = await store.path(session)
    request = project(path, system="s", tools=(), model=ModelInfo(provider="mock", id="m"))
    return b"\n".join(codec.encode(message) for message in request.messages)
