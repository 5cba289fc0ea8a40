"""Whatever commands did to a folder, going back makes it what it was, and redo what it became."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ion_core.agent.going_back import GoingBack
from ion_core.agent.keeping import Keeping
from ion_core.agent.plan import Planned
from ion_core.ids import EntryId, new_session_id
from ion_core.messages import Message, Text, ToolCall
from ion_core.sessions.base import Append, SessionInfo
from ion_core.sessions.blobs import Blobs
from ion_core.sessions.sqlite import SqliteStore
from ion_core.tools.paths import Workspace

NAMES = st.sampled_from(["a", "b", "d", "d/a", "d/e", "d/e/f", "g/h"])
DEEDS = st.lists(
    st.tuples(
        st.sampled_from(["write", "remove", "link", "chmod", "folder", "rename"]),
        NAMES,
        st.binary(max_size=4),
    ),
    max_size=8,
)


def do(root: Path, deed: str, name: str, data: bytes) -> None:
    """One deed; what makes no sense there is left out."""
    path = root / name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if deed == "write":
            path.write_bytes(data)
        elif deed == "folder":
            path.mkdir()
        elif deed == "link":
            path.symlink_to("a")
        elif deed == "chmod":
            path.chmod(0o700 if data else 0o755)
        elif deed == "rename":
            path.rename(root / "b")
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except OSError:
        pass


def held(root: Path) -> dict[str, tuple[int, bytes]]:
    found = {}
    for path in root.rglob("*"):
        data = os.readlink(path).encode() if path.is_symlink() else b""
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else data
        found[str(path.relative_to(root))] = (path.lstat().st_mode, data)
    return found


async def there_and_back(place: Path, turns: list[list[tuple[str, str, bytes]]]) -> None:
    root = place / "ws"
    root.mkdir()
    for deed in turns[0]:
        do(root, *deed)
    store, blobs = await SqliteStore.open(place / "s.db"), Blobs(place / "blobs")
    session = new_session_id()
    info = SessionInfo(id=session, project="p", cwd=str(root), created_at=1, updated_at=1)
    said = Append(body=Message(role="user", parts=(Text(text="do"),)))
    (first,) = await store.create(info, [said])
    plan = Planned(call=ToolCall(id="c", name="bash", arguments={}))
    work, note = Workspace(root=root), place / "note"
    keeping = Keeping(store, blobs, session, work, lambda: False, lambda: 2.0, note)
    start, head = held(root), EntryId(first.id)
    for deeds in turns[1:]:
        async with keeping.around(plan, head):
            for deed in deeds:
                do(root, *deed)
    end = held(root)
    files = GoingBack(store, blobs, session, keeping.roots, lambda: 3.0)
    done = await files.restore(await files.to(head), "files", head)
    assert done.kept == ()
    assert held(root) == start
    _, back = await files.undone()
    done = await files.restore(back, "redo", head)
    assert done.kept == ()
    assert held(root) == end
    await store.aclose()


@settings(max_examples=25, deadline=None)
@given(st.lists(DEEDS, min_size=2, max_size=4))
def test_there_and_back(turns: list[list[tuple[str, str, bytes]]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        asyncio.run(there_and_back(Path(os.path.realpath(place)), turns))
