"""``ion policy check``: what a mode would do with a command, a path or a URL, and why.

A command is judged as READ would unless ``--mode`` says otherwise, and a path as WRITE would. What
a project's file says can forbid and ask, never allow. With ``--stdin`` every line is answered by
one, in order, whatever is wrong with it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, cast, get_args

import msgspec

from ion_core.config.load import load
from ion_core.entries import Mode
from ion_core.errors import ConfigError
from ion_core.policy.base import Judgement, deny
from ion_core.policy.paths import DEEDS, Deed
from ion_core.policy.policy import Policy
from ion_core.policy.rules import Rules
from ion_core.policy.urls import Resolver, resolve
from ion_core.tools.paths import Workspace

WHAT = "Say one of: a COMMAND, --path PATH with --op, --url URL, or --stdin with JSON lines."


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of ``ion policy``."""
    actions = parser.add_subparsers(dest="action", required=True)
    check = actions.add_parser("check", help="what would happen, and why")
    check.add_argument("command", nargs="?", metavar="COMMAND", help="a shell command")
    check.add_argument("--path", help="a path that a file tool would be given")
    check.add_argument("--op", choices=DEEDS, help="what would be done with it (read)")
    check.add_argument("--url", help="a URL that would be fetched")
    check.add_argument("--stdin", action="store_true", help="one JSON object a line")
    check.add_argument("--mode", choices=get_args(Mode), help="the mode that decides")
    check.add_argument("--json", action="store_true", help="answer in JSON")


def run(options: argparse.Namespace) -> int:
    """Do it; the exit code. Raises ``ConfigError``."""
    questions = [options.command, options.path, options.url, options.stdin or None]
    if sum(question is not None for question in questions) != 1:
        raise ConfigError(WHAT)
    judge = _Judge(_policy(Path.cwd()), options.mode)
    if options.stdin:
        _answer_lines(judge, sys.stdin.buffer)
        return 0
    asked = {"command": options.command, "path": options.path, "url": options.url}
    row = {name: value for name, value in asked.items() if value is not None}
    answer = judge.answer({**row, **({"op": options.op} if options.op else {})})
    if options.json:
        _print_json(None, answer)
    else:
        print(f"{answer.decision}: {answer.reason}\n({answer.rule})")
    return 0


def _policy(cwd: Path) -> Policy:
    settings = load(cwd).settings
    return Policy(Workspace(root=cwd), Path.home(), Rules(settings.permissions.rules))


class _Judge:
    """Answers questions as they come. ``mode``: what the person asked about, if anything."""

    def __init__(self, policy: Policy, mode: Mode | None) -> None:
        self._policy, self._mode = policy, mode

    def answer(self, row: Mapping[str, Any]) -> Judgement:
        match row:
            case {"command": str(command)}:
                return self._policy.command(command, self._mode or "read")
            case {"path": str(path)}:
                deed = row.get("op") or "read"
                if deed not in DEEDS:
                    return deny(f"There is no operation {str(deed)[:40]!r}.", "input")
                return self._policy.path(path, cast("Deed", deed), self._mode or "write")
            case {"url": str(url)}:
                return self._policy.url(url, _resolver(row.get("dns")))
            case _:
                return deny("The line names no command, path or URL.", "input")


def _resolver(dns: object) -> Resolver:
    """The resolver that a line brings along, or else the system's."""
    if not isinstance(dns, Mapping):
        return resolve
    return lambda host: [str(address) for address in dns.get(host, ())]


def _answer_lines(judge: _Judge, lines: Iterable[bytes]) -> None:
    for line in lines:
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            row = None
        if not isinstance(row, dict):
            _print_json(None, deny("The line is no JSON object.", "input"))
        else:
            _print_json(row.get("id"), judge.answer(row))


def _print_json(name: object, answer: Judgement) -> None:
    # The standard library's JSON lets lone surrogates through, which a path may hold.
    print(json.dumps({"id": name, **msgspec.to_builtins(answer)}), flush=True)
