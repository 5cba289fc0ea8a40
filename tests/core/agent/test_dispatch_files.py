"""What a session knows of files, and pictures that its tools find."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ion_core.messages import Image, Message
from ion_core.runtime import Runtime
from tests.fakes.scene import call, scene
from tests.fakes.scripted_home import scripted_home

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"


async def test_a_file_that_changed_between_two_steps_is_not_edited(tmp_path: Path) -> None:
    file = tmp_path / "ws" / "a.txt"
    file.parent.mkdir()
    file.write_text("one\n")
    change = {"old_string": "one", "new_string": "three"}
    steps = [
        [call("read", "r", path="a.txt")],
        [call("bash", "b", command="printf 'one\\ntwo\\n' > a.txt")],
        [call("edit", "e", path="a.txt", edits=[change])],
        [call("edit", "f", path="a.txt", edits=[change])],
        "ok",
    ]
    async with scene(tmp_path / "ws", steps) as s:
        await s.play("go")
        assert [result.status for result in s.results] == ["ok", "ok", "error", "ok"]
        assert "+two" in s.results[2].content
        assert file.read_text() == "three\ntwo\n"


async def test_a_picture_that_is_read_reaches_the_conversation(tmp_path: Path) -> None:
    play = [{"calls": [{"name": "read", "arguments": {"path": "a.png"}}]}, {"text": "Seen."}]
    env = scripted_home(tmp_path / "home", play)
    work = tmp_path / "work"
    work.mkdir()
    (work / "a.png").write_bytes(PNG)
    async with Runtime(work, env=env) as runtime, asyncio.timeout(20):
        session = await runtime.open()
        await session.submit("look")
        await session.idle()
        bodies = [entry.body for entry in session.view.entries]
        result = next(
            body.results[0] for body in bodies if isinstance(body, Message) and body.results
        )
        assert result.content == f"a.png: PNG picture, {len(PNG)} bytes."
        assert [image.media_type for image in result.images] == ["image/png"]
        assert isinstance(result.images[0], Image)
        kept = Path(env["ION_HOME"]) / "blobs" / result.images[0].sha256[:2]
        assert (kept / result.images[0].sha256).read_bytes() == PNG


async def test_each_model_is_told_of_its_own_way_to_change_files(tmp_path: Path) -> None:
    patch = "*** Begin Patch\n*** Update File: a.txt\n-two\n+three\n*** End Patch"
    change = {"old_string": "one", "new_string": "two"}
    steps = [
        "hello",
        [call("edit", "e", path="a.txt", edits=[change])],
        [call("apply_patch", "p", patch=patch)],
        "ok",
    ]
    async with scene(tmp_path / "ws", steps) as s:
        (tmp_path / "ws" / "a.txt").write_text("one\n")
        await s.play("first")
        await s.session.set_model("openai/gpt-5.6")
        await s.play("second")
        told = [{tool.name for tool in request.tools} for request in s.model.requests]
        assert told[0] - told[1] == {"edit"}
        assert told[1] - told[0] == {"apply_patch"}
        assert (tmp_path / "ws" / "a.txt").read_text() == "three\n"
