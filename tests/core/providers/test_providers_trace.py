"""The trace of HTTP: everything that was said, and no secret of it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from ion_core.config.provider_schema import ProviderSettings
from ion_core.endpoints import endpoint_of
from ion_core.errors import ConfigError, ConnectionFailed, ProviderError
from ion_core.messages import user
from ion_core.providers.base import Request
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import build, wire
from ion_core.providers.trace import Trace
from ion_core.providers.wired import Wired
from tests.fakes.chat_server import Canned, ChatServer, delta, refused, said
from tests.fakes.speakers import openai_chat

KEY, OWN = "k3y/of+someone.who-pays==", "a-password-of-mine"
REQUEST = Request(model="fake", system="Be brief.", messages=(user("hello"),))
PROTOCOLS = ("anthropic-messages", "google-generate", "openai-chat", "openai-responses")


def endpoint(url: str, folder: Path, **more: Any) -> Endpoint:
    return Endpoint(name="fake", base_url=url, api_key=KEY, trace_folder=str(folder), **more)


async def ask(given: Endpoint, transport: httpx.AsyncBaseTransport | None = None) -> None:
    """One request, whatever becomes of it."""
    provider = Wired(given, wire(given), None, transport)
    try:
        async with provider.stream(REQUEST) as chunks:
            async for _ in chunks:
                pass
    except ProviderError:
        pass
    finally:
        await provider.aclose()


def lines(folder: Path) -> list[dict[str, Any]]:
    [file] = folder.iterdir()
    return [json.loads(line) for line in file.read_text().splitlines()]


def said_in(trace: list[dict[str, Any]]) -> str:
    return "".join(line["text"] for line in trace if line["what"] == "piece")


async def test_a_request_and_its_answer_are_written_down_piece_by_piece(tmp_path: Path) -> None:
    answer = said("Hello there, café.")
    async with ChatServer([answer]) as server:
        await ask(endpoint(server.base_url, tmp_path))
    request, response, *pieces, end = lines(tmp_path)
    assert (request["what"], request["method"]) == ("request", "POST")
    assert request["url"].endswith("/v1/chat/completions")
    assert json.loads(request["body"])["messages"][-1]["content"] == "hello"
    assert (response["what"], response["status"]) == ("response", 200)
    assert said_in(pieces) == b"".join(answer.pieces).decode()
    assert (end["what"], end["bytes"]) == ("end", len(b"".join(answer.pieces)))
    assert {line["exchange"] for line in lines(tmp_path)} == {"fake-1"}
    times = [line["at"] for line in lines(tmp_path)]
    assert times == sorted(times)


async def test_only_its_owner_may_read_it_and_its_name_says_when_and_who(tmp_path: Path) -> None:
    async with ChatServer([said("Hi.")]) as server:
        await ask(endpoint(server.base_url, tmp_path / "logs"))
    [file] = (tmp_path / "logs").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert file.name.startswith("http-20")
    assert file.name.endswith(f"-{os.getpid()}.jsonl")


@pytest.mark.parametrize("protocol", PROTOCOLS)
async def test_no_secret_is_written_wherever_it_occurs(protocol: str, tmp_path: Path) -> None:
    """In headers, in the address, echoed in an answer's head and body, and cut between pieces."""
    echo = f"You said {KEY} and {OWN}. sk-abcdefgh12345678"
    halves = [f'data: {{"x": "{echo}'[:at].encode() for at in (15, 25, 30)]
    cut = [b"data: " + bytes([byte]) for byte in echo.encode()]
    answers = (
        Canned(pieces=[echo.encode()[at : at + 1] for at in range(len(echo))]),
        Canned(pieces=[*halves, *cut, echo.encode()], headers={"set-cookie": f"s={OWN}"}),
        Canned(status=401, pieces=[echo.encode()], headers={"x-echo": KEY}),
        Canned(status=302, headers={"location": f"https://elsewhere.test/?key={KEY}"}),
    )
    async with ChatServer(answers) as server:
        address = f"{server.base_url}?key={KEY}" if protocol == "openai-chat" else server.base_url
        more = {"protocol": protocol, "headers": {"X-Own": OWN, "Cookie": f"sid={OWN}"}}
        for _ in answers:
            await ask(endpoint(address, tmp_path, **more))
    [file] = tmp_path.iterdir()
    text = file.read_text() + said_in(lines(tmp_path))
    for secret in (KEY, OWN, "abcdefgh12345678", KEY.replace("/", "%2F")):
        assert secret not in text
    assert text.count('"what":"request"') == len(answers)


async def test_account_ids_and_organisations_are_hidden(tmp_path: Path) -> None:
    headers = {"openai-organization": "org-of-mine", "x-ratelimit-remaining-tokens": "5"}
    async with ChatServer([said("Hi.", headers=headers)]) as server:
        own = {"chatgpt-account-id": "acc-4711-of-mine"}
        await ask(endpoint(server.base_url, tmp_path, headers=own))
    [file] = tmp_path.iterdir()
    assert "of-mine" not in file.read_text()
    assert lines(tmp_path)[1]["headers"]["x-ratelimit-remaining-tokens"] == "5"


async def test_an_answer_that_is_cut_off_ends_in_its_error(tmp_path: Path) -> None:
    async with ChatServer([Canned(pieces=[delta(content="Let me")], cut=True)]) as server:
        await ask(endpoint(server.base_url, tmp_path))
    *_, piece, end = lines(tmp_path)
    assert "Let me" in piece["text"]
    assert end["what"] == "error"


async def test_a_server_that_is_not_there_is_written_down(tmp_path: Path) -> None:
    given = endpoint("http://127.0.0.1:1/v1", tmp_path)
    provider = build(given)
    with pytest.raises(ConnectionFailed):
        async with provider.stream(REQUEST):
            pass
    await provider.aclose()
    assert [line["what"] for line in lines(tmp_path)] == ["request", "error"]


async def test_a_reader_who_leaves_early_is_written_down(tmp_path: Path) -> None:
    async with ChatServer([said("One two three four.")]) as server:
        provider = openai_chat(endpoint(server.base_url, tmp_path))
        async with provider.stream(REQUEST) as chunks:
            await anext(aiter(chunks))
        await provider.aclose()
    assert lines(tmp_path)[-1]["what"] in ("closed", "end")


async def test_requests_of_several_providers_share_the_file_of_the_process(tmp_path: Path) -> None:
    async with ChatServer([refused(503, "busy"), said("Hi.")]) as server:
        for _ in range(2):
            await ask(endpoint(server.base_url, tmp_path))
    assert [line["what"] for line in lines(tmp_path)].count("request") == 2


class _Endless(httpx.AsyncByteStream):
    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b": " + b"x" * 1000 + b"\n\n"


async def test_a_full_trace_says_so_once_and_grows_no_more(tmp_path: Path) -> None:
    path = tmp_path / "trace.jsonl"
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    trace = Trace(file, Endpoint(name="fake", base_url="http://host"), limit_bytes=20_000)
    transport = httpx.MockTransport(lambda _: httpx.Response(200, stream=_Endless()))
    async with httpx.AsyncClient(transport=transport) as client:
        response = await trace.send(client, client.build_request("GET", "http://host/"))
        read = [piece async for piece in response.aiter_bytes()]
        await response.aclose()
    trace.close()
    written = [json.loads(line) for line in path.read_text().splitlines()]
    assert len(read) == 100
    assert [line["what"] for line in written].count("full") == 1
    assert written[-1]["what"] == "full"
    assert path.stat().st_size < 21_000


async def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    provider = build(endpoint("http://127.0.0.1:1/v1", tmp_path / "logs"))
    with pytest.raises(ConfigError, match="ION_LOG"):
        async with provider.stream(REQUEST):
            pass
    await provider.aclose()


def test_only_ion_log_asks_for_it() -> None:
    settings = ProviderSettings(base_url="http://host/v1")
    home = {"ION_HOME": "/home/of/ion"}
    assert endpoint_of("fake", settings, home).trace_folder == ""
    assert endpoint_of("fake", settings, home | {"ION_LOG": "info"}).trace_folder == ""
    asked = endpoint_of("fake", settings, home | {"ION_LOG": "debug"})
    assert asked.trace_folder == "/home/of/ion/logs"
