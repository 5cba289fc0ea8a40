"""``ion debug``: how ion understands a recorded answer, and what a terminal would be given.

For bug reports and conformance. Input is what somebody else wrote: a file that cannot be read is a
row of the output, not the end of it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from ion_core.errors import ConfigError
from ion_core.messages import ToolCall
from ion_core.providers.endpoint import Endpoint
from ion_core.providers.registry import PROTOCOLS, wire

if TYPE_CHECKING:
    from ion_core.providers.recorded import Understood
    from ion_core.providers.wire import Wire


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion debug``."""
    commands = parser.add_subparsers(dest="action", required=True)
    parse = commands.add_parser("parse", help="how a recorded body is understood, as JSON lines")
    parse.add_argument("--protocol", required=True, choices=[*_spoken()], help="how it was said")
    parse.add_argument("--provider", default="", metavar="NAME", help="a built-in provider's way")
    parse.add_argument("--model", default="", help="a model whose ways differ")
    parse.add_argument("files", nargs="+", metavar="FILE", help="events, JSON, or an HTTP error")
    clean = commands.add_parser("sanitize", help="what a terminal would be given for a text")
    clean.add_argument("--stdin", action="store_true", required=True, help='lines of {"text": …}')


def run(options: argparse.Namespace) -> int:
    """Do it; the exit code. Raises ``ConfigError``."""
    if options.action == "sanitize":
        return _sanitize(sys.stdin.buffer)
    return _parse(options)


def _spoken() -> Iterable[str]:
    return (name for name in PROTOCOLS if name != "scripted")


def _parse(options: argparse.Namespace) -> int:
    understanding = wire(_endpoint(options.protocol, options.provider))
    rows = [_row(name, understanding, options.model) for name in options.files]
    for row, _ in rows:
        print(json.dumps(row), flush=True)
    return 0 if all(readable for _, readable in rows) else 1


def _endpoint(protocol: str, provider: str) -> Endpoint:
    from ion_core.config.builtin import BUILTIN  # start-up: only a name needs it

    if not provider:
        return Endpoint(name="recorded", base_url="", protocol=protocol)
    if provider not in BUILTIN:
        raise ConfigError(f"{provider!r} is not built in. Known are: {', '.join(BUILTIN)}.")
    return Endpoint(name=provider, base_url=BUILTIN[provider].base_url, protocol=protocol)


def _row(name: str, understanding: Wire[Any], model: str) -> tuple[dict[str, Any], bool]:
    """What is printed for a file, and whether it could be read."""
    from ion_core.providers.recorded import Understood, understood

    try:
        body = Path(name).read_bytes()
    except OSError as error:
        why = {"kind": "unreadable", "message": str(error), "retryable": False, "retry_after": None}
        return {"file": name, **_fields(Understood()), "error": why}, False
    return {"file": name, **_fields(asyncio.run(understood(body, understanding, model)))}, True


def _fields(said: Understood) -> dict[str, Any]:
    return {
        "complete": said.complete,
        "text": said.text,
        "thinking": said.thinking,
        "tool_calls": [_call(call) for call in said.calls],
        "stop_reason": said.stop,
        "usage": msgspec.to_builtins(said.usage),
        "error": _error(said),
    }


def _call(call: ToolCall) -> dict[str, Any]:
    row: dict[str, Any] = {"id": call.id, "name": call.name, "arguments": call.arguments}
    if call.malformed is not None:
        row |= {"arguments": call.malformed, "arguments_valid": False}
    return row


def _error(said: Understood) -> dict[str, Any] | None:
    error = said.error
    if error is None:
        return None
    return {
        "kind": error.kind,
        "message": str(error),
        "retryable": error.retryable,
        "retry_after": error.retry_after,
    }


def _sanitize(lines: Iterable[bytes]) -> int:
    """Answer each line with one; 1 when one of them was no JSON object with a text."""
    from ion_core.sanitize import sanitize  # start-up: the other action does without

    code = 0
    for number, line in enumerate(lines, start=1):
        text = _text(line)
        if text is None:
            print(f'ion: line {number} is not {{"text": …}}', file=sys.stderr)
            code = 1
        else:
            print(json.dumps({"text": sanitize(text)}), flush=True)
    return code


def _text(line: bytes) -> str | None:
    # The standard library's JSON lets lone surrogates in, which are to be shown, not refused.
    try:
        said = json.loads(line)
    except ValueError:
        return None
    text = said.get("text") if isinstance(said, dict) else None
    return text if isinstance(text, str) else None
