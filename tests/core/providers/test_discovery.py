"""Finding model servers: quickly, and on loopback alone."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from ion_core.providers.base import ModelInfo
from ion_core.providers.discovery import Found, describe, find_servers


@asynccontextmanager
async def _server(
    answers: Mapping[str, Any], *, silent: bool = False, status: str = "200 OK"
) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        body = json.dumps(answers.get(head.split()[1])).encode()
        if silent:
            await reader.read()
        else:
            writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            writer.write(body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


MODELS = {"/v1/models": {"data": [{"id": "qwen3:4b"}, {"id": "nomic-embed-text"}]}}


async def test_servers_that_answer_are_found_in_order() -> None:
    async with _server(MODELS) as one, _server({"/v1/models": {"data": [{"id": "b"}]}}) as two:
        ports = {"vllm": two, "closed": _closed_port(), "ollama": one}
        found = await find_servers({}, ports=ports, limit_s=5)

    assert found == [
        Found(provider="vllm", base_url=f"http://127.0.0.1:{two}/v1", models=("b",)),
        Found(provider="ollama", base_url=f"http://127.0.0.1:{one}/v1", models=("qwen3:4b",)),
    ]


async def test_a_silent_server_does_not_hold_up_the_others() -> None:
    async with _server(MODELS, silent=True) as slow, _server(MODELS) as quick:
        found = await find_servers({}, ports={"lmstudio": slow, "vllm": quick}, limit_s=0.5)

    assert [server.provider for server in found] == ["vllm"]


async def test_something_else_on_a_port_is_no_server() -> None:
    async with (
        _server({"/v1/models": ["what"]}) as odd,
        _server({"/v1/models": {"data": [{"id": 7}, 3]}}) as wrong,
        _server(MODELS, status="401 Unauthorized") as locked,
    ):
        ports = {"vllm": odd, "lmstudio": wrong, "llamacpp": locked}
        assert await find_servers({}, ports=ports, limit_s=5) == []


async def test_ollama_is_found_where_its_own_variable_says() -> None:
    async with _server(MODELS) as port:
        env = {"OLLAMA_HOST": f"http://127.0.0.1:{port}"}
        found = await find_servers(env, ports={"ollama": _closed_port()}, limit_s=5)
        elsewhere = {"OLLAMA_HOST": f"192.0.2.1:{port}"}
        nothing = await find_servers(elsewhere, ports={"ollama": _closed_port()}, limit_s=5)

    assert [server.provider for server in found] == ["ollama"]
    assert nothing == []


async def test_ollama_says_what_a_model_can_do() -> None:
    shown = {"capabilities": ["completion", "tools"], "model_info": {"qwen3.context_length": 40960}}
    async with _server({"/api/show": shown}) as port:
        found = Found(provider="ollama", base_url=f"http://127.0.0.1:{port}/v1", models=("q",))
        info = await describe(found, "q")

    assert info == ModelInfo(provider="ollama", id="q", window=40_960, tool_mode="native")


async def test_a_model_without_tools_is_spoken_to_in_text() -> None:
    async with _server({"/api/show": {"capabilities": ["completion"]}}) as port:
        found = Found(provider="ollama", base_url=f"http://127.0.0.1:{port}/v1", models=("q",))
        info = await describe(found, "q")

    assert info.tool_mode == "text"


async def test_llamacpp_says_its_window_and_what_the_template_can() -> None:
    props = {
        "default_generation_settings": {"n_ctx": 8192},
        "chat_template_caps": {"supports_tools": True},
    }
    async with _server({"/props": props}) as port:
        found = Found(provider="llamacpp", base_url=f"http://127.0.0.1:{port}/v1", models=("q",))
        info = await describe(found, "q")

    assert (info.window, info.tool_mode) == (8192, "native")


async def test_of_an_unknown_server_text_is_assumed() -> None:
    closed = Found(provider="vllm", base_url=f"http://127.0.0.1:{_closed_port()}/v1", models=("q",))

    assert (await describe(closed, "q")).tool_mode == "text"


def test_looking_imports_no_http_client() -> None:
    script = (
        "import asyncio, sys\n"
        "from ion_core.providers.discovery import find_servers\n"
        "asyncio.run(find_servers({}))\n"
        "assert 'httpx' not in sys.modules and 'pydantic' not in sys.modules\n"
    )

    subprocess.run([sys.executable, "-c", script], check=True)
