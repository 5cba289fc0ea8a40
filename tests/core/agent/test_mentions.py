"""What a prompt refers to stands behind it in the request, as ``read`` would have shown it."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest

from ion_core.config.schema import PermissionRule
from ion_core.context.mentions import mentions
from ion_core.entries import Attachment
from ion_core.events import EntryAppended, Notice
from ion_core.messages import Message
from ion_core.policy.permission import Permission
from ion_core.tools.web import Destination, Web
from ion_core.tools.web_fetch import WebFetch
from tests.fakes.scene import Scene, scene


def _attached(s: Scene) -> dict[str, str]:
    bodies = [entry.body for entry in s.session.view.entries]
    return {body.source: body.text for body in bodies if isinstance(body, Attachment)}


def _notices(s: Scene) -> list[str]:
    return [event.text for event in s.events if isinstance(event, Notice)]


@pytest.fixture
def ws(tmp_path: Path) -> Path:
    folder = tmp_path / "ws"
    (folder / "src").mkdir(parents=True)
    (folder / "src/app.py").write_text("".join(f"line {n}\n" for n in range(1, 30)))
    (folder / "a b.txt").write_text("spaced\n")
    return folder


async def test_files_lines_and_folders_are_attached_behind_the_prompt(ws: Path) -> None:
    async with scene(ws, ["Yes."]) as s:
        await s.play('Compare @src/app.py:3-4 with @"a b.txt" in (@src), please')
        assert isinstance(first := s.events[0], EntryAppended)
        assert isinstance(first.entry.body, Message)
        attached = _attached(s)
        assert list(attached) == ["src/app.py:3-4", "a b.txt", "src"]
        assert attached["src/app.py:3-4"].startswith("3\tline 3\n4\tline 4\n[lines 3–4 of 29")
        assert "spaced" in attached["a b.txt"]
        assert "app.py" in attached["src"]
        said = [message.text for message in s.model.requests[0].messages]
        assert said[0].startswith("Compare")
        assert said[1].startswith('<attachment source="src/app.py:3-4">')


async def test_addresses_decorators_and_names_are_no_mentions(ws: Path) -> None:
    async with scene(ws, ["Yes."]) as s:
        await s.play("Ask me@src of @pytest.fixture, `@src` and @nobody")
        assert _attached(s) == {}
        assert _notices(s) == []


async def test_what_read_would_refuse_is_said_and_the_prompt_goes_as_it_is(ws: Path) -> None:
    (ws / ".ssh").mkdir()
    (ws / ".ssh/id_rsa").write_text("key")
    (ws / ".env").write_text("TOKEN=1")
    async with scene(ws, ["Yes."]) as s:
        await s.play('@.ssh/id_rsa @.env @"gone.txt"')
        assert _attached(s) == {}
        assert len(_notices(s)) == 3
        assert s.model.requests[0].messages[0].text.startswith("@.ssh/id_rsa")


async def test_a_file_outside_is_read_since_the_person_named_it(ws: Path) -> None:
    (ws.parent / "notes.txt").write_text("outside\n")
    async with scene(ws, ["Yes.", "No."]) as s:
        await s.play("See @../notes.txt.")
        assert "outside" in _attached(s)["../notes.txt"]


async def test_the_page_of_an_address_is_attached_as_text_and_data(ws: Path) -> None:
    page = b"<html><body><h1>Tides</h1><p>High at noon.</p></body></html>"
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {len(page)}\r\n\r\n"

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head.encode() + page)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    where = Destination(scheme="http", host="sea.test", port=port, addresses=("127.0.0.1",))
    fetch = WebFetch(Web(lambda url: where, ssl.create_default_context))
    async with server, scene(ws, ["Noon."], rare=[fetch]) as s:
        await s.play("When is it high? @http://sea.test/tides.")
        [(source, text)] = _attached(s).items()
        assert source == "http://sea.test/tides"
        assert "# Tides" in text
        assert "High at noon." in s.model.requests[0].messages[1].text
        assert "High at noon." not in s.model.requests[0].messages[0].text


async def test_a_rule_that_denies_holds_for_what_is_mentioned_too(ws: Path) -> None:
    rule = PermissionRule(tool="read", pattern="*.py", decision="deny")
    permission = Permission(lambda: (rule,), ws.parent, lambda: "off")
    async with scene(ws, ["Yes."], permission=permission) as s:
        await s.play("See @src/app.py")
        assert _attached(s) == {}
        assert "src/app.py" in _notices(s)[0]


def test_mentions_are_found_once_and_without_the_sentence_around_them() -> None:
    text = "see @a.md, (@a.md) @b.md:7 and @https://example.com/x?y=1."
    found = mentions(text, {"a.md", "b.md"}.__contains__)
    assert [mention.source for mention in found] == ["a.md", "b.md:7", "https://example.com/x?y=1"]
    assert found[1].asked(is_folder=False) == ("read", {"path": "b.md", "offset": 7, "limit": 1})
    assert found[2].asked(is_folder=False)[0] == "web_fetch"
