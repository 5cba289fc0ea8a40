"""``ion hooks list|test``: which hooks there are, and what those of an event would say."""

from __future__ import annotations

import argparse
import asyncio
import json
from pathlib import Path
from typing import Any

from ion_core.cli.columns import aligned
from ion_core.cli.listing import extensions_here
from ion_core.errors import ConfigError
from ion_core.hooks.base import EVENTS, OWN, Occasion, Scene
from ion_core.hooks.runner import Runner

EXAMPLES: dict[str, dict[str, Any]] = {
    "bash": {"command": "echo hello"},
    "edit": {"path": "example.py", "edits": [{"old_string": "a", "new_string": "b"}]},
    "write": {"path": "example.py", "content": "print()\n"},
    "read": {"path": "example.py"},
}


def configure(parser: argparse.ArgumentParser) -> None:
    """The two words and their options."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    listing = words.add_parser("list", help="the hooks, and what is wrong with some")
    listing.add_argument("--json", action="store_true", help="one JSON array")
    test = words.add_parser("test", help="run the hooks of an event with an example")
    test.add_argument("event", metavar="EVENT")
    test.add_argument("--tool", default="edit", help="for events of tools: which (default: edit)")
    test.add_argument("--input", default="", metavar="JSON", help="what the tool is given")
    test.add_argument("--json", action="store_true", help="one JSON object")


def run(options: argparse.Namespace) -> int:
    """Do what the word says; the exit code. Raises ``ConfigError``."""
    if options.word == "list":
        return _list(as_json=options.json)
    if options.event not in (*EVENTS, *OWN):
        raise ConfigError(f"There is no event {options.event!r}. There are: {', '.join(EVENTS)}")
    return asyncio.run(_test(options))


def _list(*, as_json: bool) -> int:
    extensions = extensions_here()
    hooks, origins = extensions.hooks, extensions.origins()
    found = hooks.specs if isinstance(hooks, Runner) else ()
    if as_json:
        told = [
            {
                "event": spec.event,
                "matcher": spec.matcher,
                "runs": spec.does,
                "source": spec.place(origins),
                "timeout_s": spec.timeout_s,
                "on_error": spec.on_error,
                "problem": spec.problem or None,
            }
            for spec in found
        ]
        print(json.dumps(told))
        return 0
    if not found:
        print("No hooks. [[hooks]] in ~/.ion/config.toml adds one.")
        return 0
    rows = [(s.event, s.matcher or "*", s.does[:60], s.place(origins), s.problem) for s in found]
    print(aligned(("EVENT", "FOR", "RUNS", "FROM", "PROBLEM"), rows, left=(0, 1, 2, 3, 4)))
    return 0


async def _test(options: argparse.Namespace) -> int:
    extensions = extensions_here()
    hooks = extensions.hooks
    if not isinstance(hooks, Runner) or not hooks.wants(options.event):
        print(f"No hook is for {options.event}.")
        return 1
    occasion = _occasion(options)
    verdict = await hooks.run(occasion)
    runs = [
        {"runs": ran.spec.does, "ms": ran.ms, "problem": ran.problem or None} for ran in hooks.ran
    ]
    told = {
        "event": options.event,
        "decision": verdict.decision or "none",
        "reason": verdict.reason,
        "context": list(verdict.context),
        "messages": list(verdict.messages),
        "stop": verdict.stop,
        "updated_input": verdict.updated_input,
        "runs": runs,
    }
    if options.json:
        print(json.dumps(told))
        return 0
    for ran in runs:
        print(f"{ran['runs']}  {ran['ms']} ms  {ran['problem'] or 'ok'}")
    if not runs:
        print("None of them is for this one.")
    for name in ("decision", "reason", "context", "messages", "stop", "updated_input"):
        if told[name]:
            print(f"{name}: {told[name]}")
    return 0


def _occasion(options: argparse.Namespace) -> Occasion:
    scene = Scene(session="test", cwd=str(Path.cwd()), mode="write")
    of_tool = "Tool" in options.event or "Permission" in options.event
    if not of_tool:
        fields: dict[str, Any] = {"prompt": "an example", "source": "startup", "trigger": "manual"}
        return Occasion(event=options.event, scene=scene, fields=fields)
    try:
        given = json.loads(options.input) if options.input else EXAMPLES.get(options.tool, {})
    except ValueError as error:
        raise ConfigError(f"--input is no JSON: {error}") from error
    if not isinstance(given, dict):
        raise ConfigError('--input is a JSON object of arguments: --input \'{"command": "ls"}\'')
    fields = {"tool_name": options.tool, "tool_input": given, "tool_use_id": "test"}
    if options.event.startswith("Post"):
        fields["tool_response"] = {"output": "an example", "status": "ok"}
    gist = str(given.get("command") or given.get("path") or "")
    return Occasion(
        event=options.event, scene=scene, matched=options.tool, fields=fields, gist=gist
    )
