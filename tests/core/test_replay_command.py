"""``ion replay``: what a run recorded, printed again and run again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from ion_core.errors import ConfigError
from ion_core.recording import read
from tests.fakes.scripted_home import ION, scripted_home

STEPS = [
    {"reasoning": "I look.", "calls": [{"name": "read", "arguments": {"path": "a.txt"}}]},
    {"text": "It says **hello**.", "usage": {"input": 90, "output": 7}},
]


class Place:
    """A home with a script, and a folder in which something was recorded."""

    def __init__(self, folder: Path, steps: Sequence[Any] = STEPS) -> None:
        self.folder = folder / "work"
        self.folder.mkdir()
        (self.folder / "a.txt").write_text("hello\n")
        self.env = scripted_home(folder / "home", steps)
        self.file = folder / "run.jsonl"
        recorded = self.ion("run", "--output-format", "stream-json", "What does it say?")
        assert recorded.returncode == 0, recorded.stderr
        self.file.write_text(recorded.stdout)

    def ion(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ION, *words],
            cwd=self.folder,
            env=self.env,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=60,
            check=False,
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_a_recorded_run_prints_as_it_did(place: Place) -> None:
    again = place.ion("replay", str(place.file))
    assert (again.returncode, again.stdout) == (0, "It says **hello**.\n")
    assert "read a.txt" in again.stderr
    lines = place.ion("replay", str(place.file), "--output-format", "stream-json").stdout
    recorded = place.file.read_text()
    assert lines.splitlines()[:-1] == recorded.splitlines()[:-1]
    last, result = [json.loads(each.splitlines()[-1]) for each in (lines, recorded)]
    assert {**last, "duration_ms": 0} == {**result, "duration_ms": 0}


def test_a_run_is_run_again_with_the_answers_that_it_got(place: Place) -> None:
    (place.folder / "a.txt").write_text("good bye\n")
    flags = ("--provider-only", "--output-format", "stream-json")
    again = place.ion("replay", str(place.file), *flags)
    assert again.returncode == 0, again.stderr
    events = [json.loads(line) for line in again.stdout.splitlines()]
    ended = [each["event"] for each in events[:-1] if each["event"]["kind"] == "tool_ended"]
    assert [each["status"] for each in ended] == ["ok"]
    assert "good bye" in ended[0]["content"]
    assert (events[-1]["status"], events[-1]["text"]) == ("ok", "It says **hello**.")
    listed = json.loads(place.ion("sessions", "list", "--json").stdout)
    assert len(listed) == 1


def test_what_was_run_to_write_is_only_read_again(tmp_path: Path, place: Place) -> None:
    text = place.file.read_text().replace('"name":"read"', '"name":"write"')
    place.file.write_text(text.replace('{"path":"a.txt"}', '{"path":"b.txt","content":"x"}'))
    flags = ("--provider-only", "--output-format", "stream-json")
    again = place.ion("replay", str(place.file), *flags)
    assert "READ" in again.stdout
    assert not (place.folder / "b.txt").exists()


class Web(BaseHTTPRequestHandler):
    """A search engine and a page, which note that somebody came."""

    visits: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.visits.append(self.path)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"results": []}')

    def log_message(self, *words: object) -> None:
        """Tests are quiet."""


@pytest.fixture
def visits() -> Iterator[tuple[str, list[str]]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Web)
    thread = Thread(target=server.serve_forever)
    thread.start()
    Web.visits.clear()
    yield f"http://127.0.0.1:{server.server_port}", Web.visits
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_is_run_again_reaches_no_network(
    tmp_path: Path, visits: tuple[str, list[str]]
) -> None:
    url, seen = visits
    reach = f"python3 -c 'import urllib.request as r; r.urlopen(\"{url}/shell\", timeout=5)'"
    calls = [
        {"name": "web_search", "arguments": {"query": "ion"}},
        {"name": "web_fetch", "arguments": {"url": "http://example.com/page"}},
        {"name": "bash", "arguments": {"command": reach}},
    ]
    place = Place(tmp_path, [{"calls": calls}, {"text": "Done."}])
    config = tmp_path / "home" / "config.toml"
    searching = f'[web]\nsearch = "searxng"\nsearch_url = "{url}"\n'
    config.write_text(f'{config.read_text()}\n{searching}[sandbox]\nnetwork = "on"\n')
    words = ("--output-format", "stream-json")
    first = place.ion("run", *words, "Search.")
    place.file.write_text(first.stdout)
    assert any("ion" in path for path in seen), first.stdout
    seen.clear()
    again = place.ion("replay", str(place.file), "--provider-only", "--mode", "write", *words)
    ended = [json.loads(line)["event"] for line in again.stdout.splitlines()[:-1]]
    told = {each["name"]: each for each in ended if each["kind"] == "tool_ended"}
    for name in ("web_search", "web_fetch"):
        assert told[name]["status"] == "denied"
        assert "The web is switched off" in told[name]["content"]
    assert told["bash"]["status"] == "error"
    assert seen == []


def test_a_torn_line_is_left_out_and_said(place: Place) -> None:
    whole = read(place.file)
    place.file.write_bytes(place.file.read_bytes()[:-200] + b"\n\xff\n")
    torn = read(place.file)
    assert torn.skipped == 2
    assert torn.events == whole.events[: len(torn.events)]
    again = place.ion("replay", str(place.file))
    assert "2 lines of it cannot be read" in again.stderr


def test_anything_else_is_refused_with_a_sentence(tmp_path: Path, place: Place) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text('{"hello": 1}\n\n[]\n')
    with pytest.raises(ConfigError, match="is no recording"):
        read(other)
    refused = place.ion("replay", str(tmp_path / "absent.jsonl"))
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
