"""Sessions that leave as a file and come back."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from ion_core.context.projector import project
from ion_core.entries import Compaction, ModelChange, Stub
from ion_core.errors import ConfigError, StoreError, StoreTooNew
from ion_core.ids import SessionId
from ion_core.messages import Image, Message, Text, ToolCall, user
from ion_core.providers.base import ModelInfo
from ion_core.sessions.base import Append, Change, Spend
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.marks import MoveHead
from ion_core.sessions.moving.arrival import Arrived, take_in
from ion_core.sessions.moving.html_page import HtmlPage
from ion_core.sessions.moving.jsonl import Jsonl
from ion_core.sessions.moving.lines import INLINE_BYTES
from ion_core.sessions.moving.markdown import Markdown
from ion_core.sessions.moving.outlet import Outlet
from ion_core.sessions.moving.reading import Departure
from ion_core.sessions.sqlite import SqliteStore
from ion_core.usage import Usage
from tests.fakes.sessions import an_info, did, said, texts, ticking

PNG = b"\x89PNG\r\n\x1a\n"


class Home:
    """A store and its pictures."""

    def __init__(self, store: SqliteStore, folder: Path) -> None:
        self.store, self.blobs, self.folder = store, Blobs(folder / "blobs"), folder

    async def told(self, session: SessionId) -> bytes:
        """What a model would be sent of the session."""
        path = await self.store.path(session)
        model = ModelInfo(provider="mock", id="m")
        return repr(project(path, system="s", tools=(), model=model)).encode()

    async def take(self, file: Path) -> Arrived:
        return await take_in(self.store, self.blobs, file, self.folder)

    async def send(self, session: SessionId, file: Path) -> Jsonl:
        with Outlet(file, force=True) as outlet:
            made = Jsonl(Departure(self.store, session), self.blobs, beside=outlet.beside)
            async for chunk in made.chunks():
                outlet.write(chunk)
        return made


async def a_home(folder: Path) -> Home:
    folder.mkdir()
    return Home(await SqliteStore.open(folder / "s.db", clock=ticking()), folder)


@pytest.fixture
async def here(tmp_path: Path):  # type: ignore[no-untyped-def]  # an async generator
    home = await a_home(tmp_path / "here")
    yield home
    await home.store.aclose()


@pytest.fixture
async def there(tmp_path: Path):  # type: ignore[no-untyped-def]  # an async generator
    home = await a_home(tmp_path / "there")
    yield home
    await home.store.aclose()


async def a_tree(home: Home) -> SessionId:
    """Two branches, calls, a picture beside and one inside, costs and a title."""
    info = an_info()
    small, large = home.blobs.keep(PNG + b"s"), home.blobs.keep(PNG + b"l" * INLINE_BYTES)
    shown = Message(
        role="user",
        parts=(
            Text(text="look <b>here</b>"),
            Image(media_type="image/png", sha256=small),
            Image(media_type="image/png", sha256=large),
        ),
    )
    usage = Usage(input=10, output=5, cache_read=90, reasoning=2)
    entries = await home.store.create(
        info,
        [
            Append(body=ModelChange(model="mock/m")),
            Append(body=shown),
            Append(body=said("I look.", "c1", "c2")),
            Spend(purpose="turn", provider="mock", model="m", usage=usage, cost_nano=7_000_000),
            Append(body=did("c2", "second")),
            Append(body=did("c1", "first")),
            Append(body=said("Seen.")),
        ],
    )
    await home.store.commit(info.id, MoveHead(to=entries[1].id), Append(body=said("Or so.")))
    await home.store.commit(info.id, MoveHead(to=entries[-1].id), Append(body=user("Thanks")))
    await home.store.commit(info.id, Change(title="Looks", title_source="user"))
    return info.id


async def test_an_imported_session_is_the_one_that_was_exported(
    here: Home, there: Home, tmp_path: Path
) -> None:
    session = await a_tree(here)
    made = await here.send(session, tmp_path / "s.jsonl")
    arrived = await there.take(tmp_path / "s.jsonl")
    assert (arrived.entries, arrived.skipped, arrived.absent) == (made.entries, 0, 0) == (8, 0, 0)
    copied = SessionId(arrived.session)
    assert await there.told(copied) == await here.told(session)
    before, after = await here.store.info(session), await there.store.info(copied)
    for name in (
        "title",
        "title_source",
        "model",
        "mode",
        "usage",
        "cost_nano",
        "turns",
        "entries",
    ):
        assert getattr(after, name) == getattr(before, name), name
    again = await there.send(copied, tmp_path / "again.jsonl")
    assert again.entries == 8
    lines = [(tmp_path / name).read_text().splitlines()[1:] for name in ("s.jsonl", "again.jsonl")]
    renamed = [line.replace("again.jsonl.blobs", "s.jsonl.blobs") for line in lines[1]]
    assert renamed == lines[0]


async def test_pictures_travel_inside_or_beside_the_file(
    here: Home, there: Home, tmp_path: Path
) -> None:
    session = await a_tree(here)
    await here.send(session, tmp_path / "s.jsonl")
    (beside,) = (tmp_path / "s.jsonl.blobs").iterdir()
    assert stat.S_IMODE(beside.stat().st_mode) == 0o600
    await there.take(tmp_path / "s.jsonl")
    assert there.blobs.read(beside.name) == here.blobs.read(beside.name)


async def test_a_second_import_adds_nothing(here: Home, there: Home, tmp_path: Path) -> None:
    session = await a_tree(here)
    await here.send(session, tmp_path / "s.jsonl")
    first, second = await there.take(tmp_path / "s.jsonl"), await there.take(tmp_path / "s.jsonl")
    assert (second.session, second.entries) == (first.session, 0)
    spent = await there.store.spending()
    assert [row.requests for row in spent] == [1]
    assert (await here.take(tmp_path / "s.jsonl")).entries == 0


async def test_what_was_added_elsewhere_comes_home(here: Home, there: Home, tmp_path: Path) -> None:
    session = await a_tree(here)
    await here.send(session, tmp_path / "out.jsonl")
    await there.take(tmp_path / "out.jsonl")
    await there.store.commit(session, Append(body=said("Welcome.")))
    await there.send(session, tmp_path / "back.jsonl")
    assert (await here.take(tmp_path / "back.jsonl")).entries == 1
    assert texts(await here.store.path(session))[-2:] == ["Thanks", "Welcome."]


async def test_work_done_on_both_sides_becomes_two_branches(
    here: Home, there: Home, tmp_path: Path
) -> None:
    session = await a_tree(here)
    await here.send(session, tmp_path / "out.jsonl")
    await there.take(tmp_path / "out.jsonl")
    await there.store.commit(session, Append(body=said("There.")))
    await here.store.commit(session, Append(body=said("Here.")))
    await there.send(session, tmp_path / "back.jsonl")
    await here.take(tmp_path / "back.jsonl")
    assert texts(await here.store.path(session))[-1] == "Here."
    header = await Departure(here.store, session).header()
    assert [branch.name for branch in header.branches] == ["main", "main~2", "main~3"]


async def test_bad_lines_are_counted_and_the_rest_arrives(
    here: Home, there: Home, tmp_path: Path
) -> None:
    session = await a_tree(here)
    file = tmp_path / "s.jsonl"
    await here.send(session, file)
    lines = file.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if '"second"' in line)
    lines[at] = lines[at][:-9]
    file.write_text("\n".join([*lines, "", "not json"]))
    arrived = await there.take(file)
    assert arrived.entries == 7
    assert [bad.line for bad in arrived.bad] == [at + 1, at + 2, len(lines) + 2]
    assert texts(await there.store.path(session))[-1] == "Thanks"


async def test_an_entry_that_cannot_be_stored_is_left_out_alone(
    here: Home, there: Home, tmp_path: Path
) -> None:
    session = await a_tree(here)
    file = tmp_path / "s.jsonl"
    await here.send(session, file)
    lines = file.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if '"first"' in line)
    row = json.loads(lines[at])
    lines[at] = json.dumps({**row, "at": 1e300})
    file.write_text("\n".join(lines))
    arrived = await there.take(file)
    assert arrived.entries == 7
    assert [(bad.line, bad.reason) for bad in arrived.bad] == [
        (at + 1, "a number in it is too large")
    ]
    assert texts(await there.store.path(session))[-2:] == ["Seen.", "Thanks"]


async def test_a_file_of_something_else_is_refused(there: Home, tmp_path: Path) -> None:
    file = tmp_path / "s.jsonl"
    file.write_text('{"type": "session"}\n')
    with pytest.raises(StoreError, match="does not begin like"):
        await there.take(file)
    file.write_text(
        '{"ion":9,"schema":1,"version":"9","entries":0,'
        '"session":{"id":"x","project":"p","cwd":"/","created_at":0,"updated_at":0}}\n'
    )
    with pytest.raises(StoreTooNew):
        await there.take(file)


async def test_a_file_is_not_overwritten_and_a_failed_one_leaves_nothing(tmp_path: Path) -> None:
    file = tmp_path / "s.md"
    file.write_text("mine")
    with pytest.raises(ConfigError, match="--force"), Outlet(file):
        pass
    with pytest.raises(TypeError), Outlet(tmp_path / "t.md") as outlet:
        outlet.write(None)  # type: ignore[arg-type]  # as anything that fails on the way
    assert [path.name for path in tmp_path.iterdir()] == ["s.md"]


async def test_the_page_holds_every_branch_and_nothing_that_runs(here: Home) -> None:
    session = await a_tree(here)
    await here.store.commit(
        session,
        Append(
            body=Message(
                role="assistant",
                parts=(
                    Text(text="<script>x</script> ![p](http://evil/p.png) [l](http://evil/l)"),
                    ToolCall(id="c9", name="<i>", arguments={"command": "</pre><script>"}),  # type: ignore[arg-type]  # a name
                ),
            )
        ),
    )
    made = HtmlPage(Departure(here.store, session), here.blobs)
    page = b"".join([chunk async for chunk in made.chunks()]).decode()
    body = page.partition("<body>")[2]
    assert made.entries == 9
    assert "default-src 'none'" in page
    assert "<script" not in page
    assert 'href="http' not in page
    assert 'src="http' not in page
    assert "Or so." in body
    assert 'href="#b1"' in body
    assert "$0.0070" in body
    assert "look &lt;b&gt;here" in body


async def test_markdown_folds_the_tools_of_every_branch(here: Home) -> None:
    session = await a_tree(here)
    await here.store.commit(session, Append(body=did("c3", "a\n```\nfence")))
    made = Markdown(Departure(here.store, session))
    words = b"".join([chunk async for chunk in made.chunks()]).decode()
    assert words.startswith("# Looks\n")
    assert words.count("<details>") == words.count("</details>") == 5
    assert "````\na\n```\nfence\n````" in words
    assert "# Another branch, after e2" in words


async def test_redacting_leaves_a_file_that_can_be_imported(
    here: Home, there: Home, tmp_path: Path
) -> None:
    info = an_info()
    call = ToolCall(id="c1", name="bash", arguments={"HUSH": ["say HUSH"]}, opaque={"s": "HUSH"})  # type: ignore[arg-type]  # a name
    await here.store.create(
        info,
        [
            Append(body=user("My HUSH is this")),
            Append(body=Message(role="assistant", parts=(call,), stop="tool_use")),
            Append(body=did("c1", "HUSH HUSH")),
            Append(
                body=Compaction(
                    number=1,
                    summary="HUSH",
                    ledgers="HUSH",
                    kept=1,
                    stubs=(Stub(back=1, text="HUSH"),),
                    mode="suffix",
                )
            ),
        ],
    )
    departure = Departure(here.store, info.id)
    made = Jsonl(departure, here.blobs, clean=lambda text: text.replace("HUSH", "[key]"))
    data = b"".join([chunk async for chunk in made.chunks()])
    assert b"HUSH" not in data
    (tmp_path / "s.jsonl").write_bytes(data)
    assert (await there.take(tmp_path / "s.jsonl")).skipped == 0
    assert json.loads(data.splitlines()[0])["session"]["preview"] == "My [key] is this"
