"""``ion models`` and ``ion models refresh`` as a person or a script meets them."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ion_core.cli.main import main
from ion_core.cli.models import as_json, as_table
from ion_core.providers.base import ModelInfo
from ion_core.providers.catalogue.catalogue import INDEX, Catalogue
from ion_core.usage import Price, Tier

Ion = Callable[..., tuple[int, str, str]]

NEW = {
    "id": "claude-sonnet-9",
    "name": "Claude Sonnet 9",
    "limit": {"context": 1_000_000, "output": 64_000},
    "modalities": {"input": ["text"], "output": ["text"]},
    "cost": {"input": 3, "output": 15},
    "release_date": "2099-01-01",
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("ION_HOME", str(folder))
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def ion(home: Path, capsys: pytest.CaptureFixture[str]) -> Ion:
    def call(*words: str) -> tuple[int, str, str]:
        code = main(words)
        return code, *capsys.readouterr()

    return call


@pytest.fixture
def serve(home: Path) -> Iterator[Callable[[bytes, int], None]]:
    """Serves one body on loopback, and makes it the catalogue's address."""
    answer: list[Any] = [b"", 200]

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body, status = answer if self.path == "/api.json?full=1" else (b"{}", 404)
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_address[1]}/api.json?full=1"
    (home / "config.toml").write_text(f"[catalogue]\nurl = {json.dumps(url)}\n")

    def set_answer(body: bytes, status: int = 200) -> None:
        answer[:] = [body, status]

    yield set_answer
    server.shutdown()
    server.server_close()
    thread.join()


def a_file(*models: dict[str, Any]) -> bytes:
    return json.dumps({"anthropic": {"models": {each["id"]: each for each in models}}}).encode()


# lists


def test_a_provider_without_a_key_shows_what_the_catalogue_knows(ion: Ion) -> None:
    code, out, err = ion("models", "--provider", "anthropic")
    row = next(line for line in out.splitlines() if line.startswith("anthropic/claude-sonnet-5 "))
    assert code == 0
    assert row.split()[1:6] == ["1M", "128k", "$2", "$10", "$0.2"]
    assert row.endswith("vision, thinking, tools")
    assert "There is no key for anthropic. Set ANTHROPIC_API_KEY" in err


def test_json_tells_everything_that_is_known(ion: Ion) -> None:
    _, out, _ = ion("models", "--provider", "openai", "--json")
    (row,) = (row for row in json.loads(out) if row["model"] == "openai/gpt-5.6-sol")
    assert row["name"] == "GPT-5.6 Sol"
    assert row["context_window"] == 1_050_000
    assert row["efforts"] == ["none", "low", "medium", "high", "xhigh"]
    assert row["price"]["cache_read"] == 0.4
    assert row["price"]["tiers"][0]["above"] == 272_000
    assert (row["released"], row["deprecated"], row["successor"]) == (None, False, None)
    assert row["dated"] == Catalogue(None).dated


def test_an_unknown_provider_is_wrong_usage(ion: Ion) -> None:
    code, _, err = ion("models", "--provider", "nope")
    assert code == 2
    assert "no provider 'nope'" in err


def test_the_table_says_what_is_unknown_dearer_or_deprecated() -> None:
    tiers = (Tier(above=200_000, input=2.0, output=2.0),)
    price = Price(input=0.075, output=1.0, tiers=tiers)
    models = [
        ModelInfo(provider="p", id="new", window=1_050_000, max_output=950, price=price),
        ModelInfo(provider="p", id="old", deprecated=True, successor="new", tool_streaming=False),
        ModelInfo(provider="p", id="odd\x1b[2J", tool_mode="text"),
    ]
    _, new, old, odd = as_table(models).splitlines()
    assert new.split()[:6] == ["p/new", "1.05M", "950", "$0.075", "$1", "$0.075"]
    assert new.endswith("tools, dearer above 200k")
    assert old.split()[1:6] == ["unknown"] * 5
    assert old.endswith("tools, not streamed, deprecated: use p/new")
    assert odd.startswith("p/odd[2J")
    assert json.loads(as_json(models, ""))[1]["price"] is None


# refresh


def test_a_refresh_brings_new_models_and_says_how_many(
    ion: Ion, home: Path, serve: Callable[..., None]
) -> None:
    serve(a_file(NEW))
    code, out, _ = ion("models", "refresh")
    assert code == 0
    assert "Providers: 1, new models: 1, changed prices: 0" in out
    _, table, _ = ion("models", "--provider", "anthropic")
    assert "anthropic/claude-sonnet-9" in table
    assert "anthropic/claude-sonnet-5 " in table
    assert (home / "cache" / "catalogue").stat().st_mode & 0o777 == 0o700


def test_a_second_refresh_brings_only_what_changed(ion: Ion, serve: Callable[..., None]) -> None:
    serve(a_file(NEW))
    ion("models", "refresh")
    serve(a_file({**NEW, "cost": {"input": 4, "output": 15}}))
    _, out, _ = ion("models", "refresh", "--json")
    told = json.loads(out)
    assert (told["providers"], told["models"], told["prices"]) == (1, 0, 1)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [(b"{}", 404, 1), (b"{}", 503, 75), (b"<html>", 200, 1), (b"{}", 200, 1)],
)
def test_a_refresh_that_fails_says_so_once_and_loses_nothing(
    ion: Ion, home: Path, serve: Callable[..., None], body: bytes, status: int, code: int
) -> None:
    serve(a_file(NEW))
    ion("models", "refresh")
    index = (home / "cache" / "catalogue" / INDEX).read_bytes()
    serve(body, status)
    failed, out, err = ion("models", "refresh")
    assert (failed, out) == (code, "")
    assert len(err.splitlines()) == 1
    assert "127.0.0.1" in err
    assert (home / "cache" / "catalogue" / INDEX).read_bytes() == index
    assert Catalogue(home / "cache" / "catalogue").model("anthropic", "claude-sonnet-9")


def test_nobody_there_is_said_in_one_sentence(ion: Ion, home: Path) -> None:
    (home / "config.toml").write_text('[catalogue]\nurl = "http://127.0.0.1:1/api.json"\n')
    code, _, err = ion("models", "refresh")
    assert code == 75
    assert "http://127.0.0.1:1/api.json could not be read" in err
    assert not (home / "cache" / "catalogue").exists()


def test_an_address_that_is_none_is_a_wrong_setting(ion: Ion, home: Path) -> None:
    (home / "config.toml").write_text('[catalogue]\nurl = "models.dev"\n')
    code, _, err = ion("models", "refresh")
    assert code == 2
    assert "catalogue.url" in err
