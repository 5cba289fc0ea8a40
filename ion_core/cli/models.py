"""``ion models``: what can be used here."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ion_core.config.load import load
from ion_core.config.paths import ion_home
from ion_core.providers.base import ModelInfo
from ion_core.roster import Roster


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion models``."""
    parser.add_argument("--provider", default="", metavar="P", help="of one provider")
    parser.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Print the models; the exit code."""
    models = asyncio.run(_models())
    chosen = [info for info in models if options.provider in ("", info.provider)]
    print(as_json(chosen) if options.json else as_table(chosen))
    return 0


async def _models() -> list[ModelInfo]:
    roster = Roster(load(Path.cwd()).settings, os.environ, ion_home())
    try:
        return await roster.models()
    finally:
        await roster.aclose()


def as_json(models: Sequence[ModelInfo]) -> str:
    """A list of objects; what is unknown is null."""
    rows = [
        {
            "model": info.ref,
            "provider": info.provider,
            "context_window": info.window or None,
            "max_output": info.max_output or None,
            "vision": info.vision,
            "reasoning": info.reasoning,
            "tool_mode": info.tool_mode,
            "price": msgspec.to_builtins(info.price),
        }
        for info in models
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def as_table(models: Sequence[ModelInfo]) -> str:
    """A line a model: name, window, price per million tokens in and out."""
    if not models:
        return (
            "No models yet. Put a key into the environment, start a local server, "
            "or fetch the embedded model: ion local install"
        )
    width = max(len(info.ref) for info in models)
    return "\n".join(f"{info.ref:<{width}}  {_window(info):>9}  {_price(info)}" for info in models)


def _window(info: ModelInfo) -> str:
    return f"{info.window // 1000}k" if info.window else "unknown"


def _price(info: ModelInfo) -> str:
    if info.price is None:
        return "price unknown"
    return f"${info.price.input:g} in, ${info.price.output:g} out"
