"""Model servers on this machine: which there are, and what their models can do.

Only loopback is ever asked, only the four ports below, and never for longer than 150 ms in all. An
answer that is not a list of models is no server.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ion_core.providers.base import ModelInfo, ToolMode
from ion_core.providers.loopback import ask

LIMIT_S = 0.150
DETAIL_S = 1.0
"""Seconds for asking the one server that is used about the one model that is used."""
PORTS: dict[str, int] = {"ollama": 11434, "lmstudio": 1234, "llamacpp": 8080, "vllm": 8000}
"""The servers' own default ports, in order of preference."""


class Found(Struct, frozen=True, kw_only=True):
    """A server that answered: the built-in provider it is, the API root, and its models' ids."""

    provider: str
    base_url: str
    models: tuple[str, ...]


async def find_servers(
    env: Mapping[str, str] = os.environ,
    *,
    ports: Mapping[str, int] = PORTS,
    limit_s: float = LIMIT_S,
) -> list[Found]:
    """The servers that answer on loopback within ``limit_s``, in the order of ``ports``.

    Of ``env`` only the port of ``OLLAMA_HOST`` is used, Ollama's own way to move it.
    """
    asked = {**ports, **_moved(env)} if "ollama" in ports else ports
    tasks = [asyncio.ensure_future(_find(name, port)) for name, port in asked.items()]
    try:
        await asyncio.wait(tasks, timeout=limit_s)
    finally:
        for task in tasks:
            task.cancel()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
    return [answer for answer in answers if isinstance(answer, Found)]


def _moved(env: Mapping[str, str]) -> dict[str, int]:
    """``127.0.0.1:PORT`` and ``localhost:PORT`` count, with or without ``http://``."""
    host, _, port = env.get("OLLAMA_HOST", "").removeprefix("http://").rstrip("/").partition(":")
    local = host in ("127.0.0.1", "localhost", "0.0.0.0", "")
    return {"ollama": int(port)} if local and port.isdigit() else {}


async def _find(provider: str, port: int) -> Found | None:
    ids = tuple(_ids(await ask(port, "/v1/models")))
    if not ids:
        return None
    return Found(provider=provider, base_url=f"http://127.0.0.1:{port}/v1", models=ids)


def _ids(answer: Any) -> list[str]:
    data = answer.get("data") if isinstance(answer, dict) else None
    items = data if isinstance(data, list) else []
    ids = [item.get("id") for item in items if isinstance(item, dict)]
    return [name for name in ids if isinstance(name, str) and "embed" not in name.lower()]


async def describe(found: Found, model: str) -> ModelInfo:
    """What the server says of a model: its window, and whether it can call tools.

    Ollama lists capabilities under ``/api/show``, llama.cpp those of the chat template under
    ``/props``; of other servers nothing is known, and their models write calls as text.
    """
    port = int(found.base_url.rsplit(":", 1)[1].split("/", maxsplit=1)[0])
    known: tuple[int, ToolMode] = (0, "text")
    try:
        async with asyncio.timeout(DETAIL_S):
            match found.provider:
                case "ollama":
                    known = _ollama(await ask(port, "/api/show", {"model": model}))
                case "llamacpp":
                    known = _llamacpp(await ask(port, "/props"))
    except (OSError, TimeoutError):
        pass  # a server that does not say is described by the defaults above
    return ModelInfo(provider=found.provider, id=model, window=known[0], tool_mode=known[1])


def _ollama(answer: Any) -> tuple[int, ToolMode]:
    if not isinstance(answer, dict):
        return 0, "text"
    details = answer.get("model_info")
    known = details if isinstance(details, dict) else {}
    windows = [
        value
        for name, value in known.items()
        if name.endswith(".context_length") and isinstance(value, int)
    ]
    can = answer.get("capabilities")
    native = isinstance(can, list) and "tools" in can
    return max(windows, default=0), "native" if native else "text"


def _llamacpp(answer: Any) -> tuple[int, ToolMode]:
    if not isinstance(answer, dict):
        return 0, "text"
    settings, can = answer.get("default_generation_settings"), answer.get("chat_template_caps")
    window = settings.get("n_ctx") if isinstance(settings, dict) else 0
    native = isinstance(can, dict) and can.get("supports_tools") is True
    return window if isinstance(window, int) else 0, "native" if native else "text"
