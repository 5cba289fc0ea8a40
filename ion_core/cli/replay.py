"""``ion replay``: a recorded run shown again, or run again with the answers that it got."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ion_core.errors import ConfigError

if TYPE_CHECKING:  # start-up: the help passes here
    from ion_core.recording import Recording

_NAME = "recorded"

_NO_NETWORK = {
    "sandbox.enabled": "required",
    "sandbox.network": "off",
    "web.enabled": False,
    "fallback_models": [],
}
"""Nothing may leave this machine: a command that no sandbox holds is not started either."""


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion replay``."""
    parser.add_argument(
        "file", type=Path, metavar="FILE.jsonl", help="what --output-format stream-json wrote"
    )
    parser.add_argument(
        "--provider-only",
        action="store_true",
        help="run it again here, without a network: the model's answers come from FILE, the tools "
        "really run, the web is off, and commands run inside a sandbox or not at all",
    )
    parser.add_argument(
        "--mode",
        choices=("read", "plan", "write"),
        default="read",
        help="with --provider-only: what tools may do (default: read)",
    )
    parser.add_argument("--trust-once", action="store_true", help="with --provider-only")
    parser.add_argument(
        "--output-format",
        choices=("text", "json", "stream-json"),
        default="text",
        metavar="F",
        help="without a screen: as ion run prints it (text, json or stream-json)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress on standard error")


def run(options: argparse.Namespace) -> int:
    """Show it, on a screen where there is one, or run it; the exit code."""
    from ion_core.recording import read

    recording = read(options.file)
    if recording.skipped:
        print(f"ion: {recording.skipped} lines of it cannot be read.", file=sys.stderr)
    if options.provider_only:
        return _again(recording, options)
    if options.app is not None and sys.stdin.isatty() and sys.stdout.isatty():
        options.recording = recording
        return int(options.app(options))
    return _printed(recording, options)


def _printed(recording: Recording, options: argparse.Namespace) -> int:
    """As ``ion run`` printed it."""
    from ion_core.printer import Printer, Tally

    printer, tally = Printer(options.output_format, quiet=options.quiet), Tally()
    tally.session = recording.session
    for emitted in recording.events:
        tally.add(emitted.event)
        printer.show(emitted)
    printer.finish(tally.result(round(recording.duration_s * 1000)))
    return 0


def _again(recording: Recording, options: argparse.Namespace) -> int:
    """A new run, of which nothing is kept, with a provider that says what was said before."""
    import asyncio

    from ion_core.headless import Order, carry_out

    if not recording.prompt:
        raise ConfigError(f"{options.file} has no prompt in it: there is nothing to run again.")
    with tempfile.TemporaryDirectory(prefix="ion-replay-") as folder:
        script = Path(folder, "answers.json")
        script.write_bytes(recording.script())
        order = Order(
            prompt=recording.prompt,
            cwd=Path.cwd(),
            output=options.output_format,
            quiet=options.quiet,
            model=f"{_NAME}/{recording.model}",
            mode=options.mode,
            keep=False,
            trusted=options.trust_once,
            settings={
                f"providers.{_NAME}.protocol": "scripted",
                f"providers.{_NAME}.base_url": str(script),
                **_NO_NETWORK,
            },
        )
        return asyncio.run(carry_out(order))
