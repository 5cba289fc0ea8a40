"""Servers that really run: connected, called, fallen over, gone."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from msgspec.structs import replace

from ion_core.config.extension_schema import McpServerSettings
from ion_core.ids import CallId
from ion_core.mcp.declared import Declared
from ion_core.mcp.servers import Servers, read_resource
from ion_core.messages import Image
from ion_core.tools.base import Outcome, ToolContext
from ion_core.tools.guests import Foreign
from ion_core.tools.paths import Workspace
from tests.core.mcp.conftest import fake

Make = Callable[..., Servers]


def context(tmp_path: Path, shown: list[str]) -> ToolContext:
    async def progress(text: str) -> None:
        shown.append(text)

    return ToolContext(
        call=CallId("c1"),
        workspace=Workspace(root=tmp_path / "ws"),
        progress=progress,
        spill=tmp_path / "spill" / "c1.txt",
        picture=lambda data: Image(media_type="image/png", sha256=str(len(data))),
    )


async def called(servers: Servers, name: str, ctx: ToolContext, **arguments: object) -> Outcome:
    assert await servers.settled(30) == ()
    return await servers.known()[f"mcp__fake__{name}"].run(Foreign(arguments=arguments), ctx)


async def test_tools_are_listed_and_answer(servers: Make, tmp_path: Path) -> None:
    some = servers(fake())
    outcome = await called(some, "shout", context(tmp_path, []), word="hey", times=2)
    assert (outcome.status, outcome.content) == ("ok", "HEY HEY")
    guest = some.known()["mcp__fake__shout"]
    assert guest.description == "Says a word so often."
    assert guest.schema["required"] == ["word"]
    assert some.find("fake").version == "fake 1.2"


async def test_a_failure_of_a_tool_is_its_answer(servers: Make, tmp_path: Path) -> None:
    outcome = await called(servers(fake()), "fails", context(tmp_path, []))
    assert outcome.status == "error"
    assert "fails" in outcome.content


async def test_progress_is_shown(servers: Make, tmp_path: Path) -> None:
    shown: list[str] = []
    await called(servers(fake()), "counts", context(tmp_path, shown))
    assert shown == ["[1/3] step 1\n", "[2/3] step 2\n", "[3/3] step 3\n"]


async def test_a_picture_is_kept(servers: Make, tmp_path: Path) -> None:
    outcome = await called(servers(fake()), "picture", context(tmp_path, []))
    assert outcome.images == (Image(media_type="image/png", sha256="70"),)


async def test_ten_megabytes_on_one_line_are_cut_and_kept(servers: Make, tmp_path: Path) -> None:
    ctx = context(tmp_path, [])
    outcome = await called(servers(fake()), "long", ctx)
    assert len(outcome.content) <= 30_000
    assert ctx.spill.stat().st_size == 10 * 1024 * 1024


async def test_a_crash_in_a_call_is_an_error_and_the_server_comes_back(
    servers: Make, tmp_path: Path
) -> None:
    some, ctx = servers(fake()), context(tmp_path, [])
    outcome = await called(some, "dies", ctx)
    assert outcome.status == "error"
    assert outcome.content.startswith("mcp__fake__dies failed:")
    while some.find("fake").state == "connected":  # noqa: ASYNC110 - another process
        await asyncio.sleep(0.01)
    again = await called(some, "shout", ctx, word="back")
    assert again.content == "BACK"


async def test_a_call_that_takes_too_long_is_stopped_and_the_server_stays(
    servers: Make, tmp_path: Path
) -> None:
    some = servers(fake(timeout_s=0.3))
    outcome = await called(some, "counts", context(tmp_path, []))
    assert outcome.status == "ok"
    outcome = await called(some, "sleeps", context(tmp_path, []))
    assert outcome.status == "error"
    assert "failed" in outcome.content


async def test_a_server_that_hangs_is_ended_and_comes_back(servers: Make, tmp_path: Path) -> None:
    some, ctx = servers(fake(timeout_s=1.0)), context(tmp_path, [])
    outcome = await called(some, "hangs", ctx)
    assert outcome.status == "error"
    async with asyncio.timeout(30):
        while some.find("fake").state == "connected":  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    again = await called(some, "shout", ctx, word="back")
    assert again.content == "BACK"


async def test_servers_hear_of_the_folders_that_agents_work_in(
    servers: Make, tmp_path: Path
) -> None:
    program = Path(__file__).parents[2] / "fakes" / "mcp" / "earlier.py"
    settings = McpServerSettings(command=sys.executable, args=(str(program),))
    some = servers(Declared(name="fake", settings=settings, source="test"))
    ctx = context(tmp_path, [])
    first = await called(some, "folders", ctx)
    tree = tmp_path / "tree"
    tree.mkdir()
    second = await called(some, "folders", replace(ctx, workspace=Workspace(root=tree)))
    assert first.content == (tmp_path / "ws").as_uri()
    assert second.content == f"{(tmp_path / 'ws').as_uri()} {tree.as_uri()}"
    await some.aclose()
    assert "the roots changed" in some.find("fake").log.read_text()


async def test_noise_on_standard_output_is_passed_over_and_logged(
    servers: Make, tmp_path: Path
) -> None:
    some = servers(fake("noisy"))
    outcome = await called(some, "shout", context(tmp_path, []), word="a")
    assert outcome.content == "A"
    log = some.find("fake").log.read_text()
    assert "Welcome to the fake server!" in log
    assert "on standard error" in log


async def test_one_that_dies_at_once_is_tried_again_and_given_up(
    servers: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ion_core.mcp.server.BACKOFF_S", 0.01)
    some = servers(fake("dies"))
    assert await some.settled(30) == ()
    assert some.find("fake").state == "failed"
    assert "failed" in some.absent("mcp__fake__shout")


async def test_one_that_says_nothing_is_told_of_as_starting(servers: Make) -> None:
    some = servers(fake("hangs"), fake(name="quick"))
    while some.find("quick").state != "connected":
        await some.settled(0.05)
    assert await some.settled(0.05) == ("fake",)
    assert "starting" in some.absent("mcp__fake__shout")
    assert "mcp__quick__shout" in some.known()


async def test_a_program_that_is_not_there_is_told(servers: Make) -> None:
    some = servers(fake())
    server = some.find("fake")
    server.declared = replace(
        server.declared, settings=replace(server.declared.settings, command="no-such-program")
    )
    await some.settled(10)
    assert server.state == "failed"
    assert "no-such-program" in server.problem


async def test_it_sees_no_keys_of_the_person(
    servers: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    some = servers(fake(env={"DECLARED": "yes"}))
    outcome = await called(some, "environment", context(tmp_path, []))
    assert "sk-secret" not in outcome.content
    assert "DECLARED=yes" in outcome.content


async def test_a_resource_and_a_prompt_are_read(servers: Make, tmp_path: Path) -> None:
    some = servers(fake())
    text = await read_resource(some, "fake:note://first", tmp_path / "spill")
    assert "the first note" in text
    server = some.find("fake")
    assert [prompt.name for prompt in server.prompts] == ["greet"]
    assert await server.prompt("greet", {"name": "Ada"}) == "Say hello to Ada."


async def test_a_tool_that_changed_is_held_back_until_it_is_accepted(
    servers: Make, tmp_path: Path
) -> None:
    some = servers(fake())
    await some.settled(30)
    server = some.find("fake")
    pins = tmp_path / "home" / "mcp-pins.json"
    pins.write_text(pins.read_text().replace("Says a word so often.", "Says a word."))
    marked = pins.read_bytes()
    pins.write_bytes(re.sub(rb'(?s)("shout": \{\s*"mark": ")[0-9a-f]{4}', rb"\g<1>0000", marked))
    await server.restart()
    await some.settled(30)
    assert "mcp__fake__shout" not in some.known()
    assert "held back" in some.absent("mcp__fake__shout")
    assert "Says a word so often." in server.held["shout"]
    await server.accept()
    assert "mcp__fake__shout" in some.known()


async def test_small_sets_are_offered_at_once_and_large_ones_are_not(servers: Make) -> None:
    some = servers(fake(), fake(name="other", eager=True))
    await some.settled(30)
    assert len(some.eager(200_000)) == len(some.known()) > 10
    assert {guest.server for guest in some.eager(8_000)} == {"other"}
    assert {guest.server for guest in some.eager(0)} == {"other"}
