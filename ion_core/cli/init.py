"""``ion init``: AGENTS.md by the agent itself, and an example of a configuration."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from ion_core.errors import ConfigError
from ion_core.starting import CONFIG, FILE, prompt_for, write_config


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion init``."""
    parser.add_argument("-m", "--model", default="", help="provider/model[:effort]")
    parser.add_argument("--force", action="store_true", help=f"improve an {FILE} that is there")
    parser.add_argument("--trust-once", action="store_true", help="trust this folder for this run")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress on standard error")


def run(options: argparse.Namespace) -> int:
    """Write both; the exit code. Raises ``ConfigError``."""
    folder = Path.cwd()
    try:
        written = write_config(folder)
    except OSError as error:
        raise ConfigError(f"{CONFIG} cannot be written: {error.strerror}") from error
    if written is not None:
        print(f"Wrote {CONFIG}: an example, all of it in comments.", file=sys.stderr)
    asyncio.run(_set_up())
    prompt = prompt_for(folder, force=options.force)
    from ion_core.headless import Order, carry_out  # the file may be there: then nothing runs

    order = Order(
        prompt=prompt,
        cwd=folder,
        quiet=options.quiet,
        model=options.model,
        mode="write",
        trusted=options.trust_once,
    )
    return asyncio.run(carry_out(order))


async def _set_up() -> None:
    from ion_core.cli.listing import extensions_here  # few folders have hooks for it

    await extensions_here().occurs("Setup", "init", trigger="init")
