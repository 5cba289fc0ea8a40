"""What a provider says of its models, between the settings and the catalogue."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from ion_core.config.load import load
from ion_core.providers.catalogue.catalogue import Catalogue
from ion_core.roster import Roster


@asynccontextmanager
async def listing(*rows: dict[str, Any]) -> AsyncIterator[str]:
    """The address of a server that lists these models."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = json.dumps({"data": rows}).encode()
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"


async def test_settings_win_over_the_server_and_the_server_over_the_catalogue(
    tmp_path: Path,
) -> None:
    env = {"GROQ_API_KEY": "k"}
    live = {"id": "openai/gpt-oss-120b", "context_window": 4096, "max_completion_tokens": 1024}
    async with listing(live, {"id": "whisper-large-v3"}, {"id": "acme/new"}) as url:
        (tmp_path / "config.toml").write_text(
            f'[providers.groq]\nbase_url = "{url}"\n'
            '[providers.groq.models."openai/gpt-oss-120b"]\nmax_output = 512\n'
        )
        settings = load(tmp_path, home=tmp_path, env=env).settings
        roster = Roster(settings, env, tmp_path)
        known, new = await roster.models_at("groq")
        await roster.aclose()
    bundled = Catalogue(None).model("groq", "openai/gpt-oss-120b")
    assert bundled is not None
    assert (known.window, known.max_output) == (4096, 512)
    assert (known.name, known.price) == (bundled.name, bundled.price)
    assert known.efforts == ("low", "medium", "high")
    assert (new.ref, new.window, new.price) == ("groq/acme/new", 0, None)
