"""``ion sandbox status|exec``: what protects this machine, and one command inside it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from ion_core import streams
from ion_core.config.load import load
from ion_core.config.paths import ion_home
from ion_core.config.schema import SandboxSettings
from ion_core.confined import ConfinedLauncher
from ion_core.sandbox.base import Means
from ion_core.sandbox.domains import Domains
from ion_core.sandbox.words import (
    ALWAYS,
    NO_DOMAINS,
    NO_PROXY,
    REDUCED_LIMITS,
    ROOT_LIMITS,
    headline,
)
from ion_core.tools.environment import child_environment
from ion_core.tools.process import Access, Command

_NOT_STARTED = 126


def configure(parser: argparse.ArgumentParser) -> None:
    """The two words and their options."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    status = words.add_parser("status", help="what protects this machine")
    status.add_argument("--json", action="store_true", help="one JSON object")
    execute = words.add_parser("exec", help="run one command inside the sandbox, in this folder")
    execute.add_argument(
        "--profile", choices=("read", "write"), default="write", help="default: write"
    )
    execute.add_argument(
        "command", nargs=argparse.REMAINDER, metavar="-- CMD…", help="the command and its arguments"
    )


def run(options: argparse.Namespace) -> int:
    """Do what the word says; the exit code. Raises ``ConfigError``."""
    settings = load(Path.cwd()).settings.sandbox
    if options.word == "status":
        return asyncio.run(_status(settings, as_json=options.json))
    argv = tuple(options.command[1:] if options.command[:1] == ["--"] else options.command)
    if not argv:
        print("ion: name a command: ion sandbox exec -- ls", file=sys.stderr)
        return 2
    return asyncio.run(_execute(settings, options.profile, argv))


async def _status(settings: SandboxSettings, *, as_json: bool) -> int:
    launcher = ConfinedLauncher(settings, ion_home(), os.environ)
    try:
        means = await launcher.means()
    finally:
        launcher.close()
    told = _told(settings, means)
    if as_json:
        print(json.dumps(told))
    else:
        print("\n".join(_lines(settings, means)))
    return 0


def _told(settings: SandboxSettings, means: Means) -> dict[str, Any]:
    return {
        "protection": means.protection,
        "enabled": settings.enabled,
        "network": _told_network(settings, means),
        "allow_domains": settings.allow_domains,
        "bubblewrap": {"path": means.bubblewrap or None, "version": means.version or None},
        "landlock": means.landlock,
        "seccomp": means.seccomp,
        "seatbelt": means.seatbelt or None,
        "writable": settings.writable,
        "readable": settings.readable,
        "missing": means.missing,
        "limits": _limits(means),
    }


def _told_network(settings: SandboxSettings, means: Means) -> str:
    if means.protection == "none" or settings.enabled == "off":
        return "on"
    if settings.network == "proxy" and _no_proxy(settings, means):
        return "off"
    return settings.network


def _no_proxy(settings: SandboxSettings, means: Means) -> str:
    """Why there is no proxy although one is wished for, if so."""
    if means.protection != "full" or means.seatbelt:
        return NO_PROXY
    odd = Domains(settings.allow_domains).odd
    return NO_DOMAINS if len(odd) == len(settings.allow_domains) else ""


def _limits(means: Means) -> tuple[str, ...]:
    if means.protection == "none":
        return ()
    if means.protection == "reduced":
        return (*REDUCED_LIMITS, *ALWAYS)
    return (*(ROOT_LIMITS if os.geteuid() == 0 else ()), *ALWAYS)


def _lines(settings: SandboxSettings, means: Means) -> list[str]:
    wish = {
        "auto": "sandbox.enabled is auto: commands run as well protected as the machine allows.",
        "required": "sandbox.enabled is required: without a sandbox no command runs.",
        "off": "sandbox.enabled is off: commands run without it, with your own rights.",
    }
    lines = [headline(means), wish[settings.enabled], _network(settings, means)]
    lines += [f"- {sentence}" for sentence in (*means.missing, *_limits(means))]
    return lines


def _network(settings: SandboxSettings, means: Means) -> str:
    if means.protection == "none" or settings.enabled == "off":
        return "Commands have the network of this machine."
    if settings.network == "proxy":
        return _proxied(settings, means)
    return f"The network is {settings.network}, in READ mode off."


def _proxied(settings: SandboxSettings, means: Means) -> str:
    if why := _no_proxy(settings, means):
        return f"{why}."
    domains = Domains(settings.allow_domains)
    named = ", ".join(one for one in settings.allow_domains if one not in domains.odd)
    odd = "".join(f" {one!r} is no domain and is left out." for one in domains.odd)
    return f"HTTP and HTTPS reach {named} through a proxy, in READ mode nothing.{odd}"


async def _execute(settings: SandboxSettings, profile: str, argv: tuple[str, ...]) -> int:
    launcher = ConfinedLauncher(settings, ion_home(), os.environ)
    here = os.path.realpath(os.getcwd())
    command = Command(
        argv=argv,
        cwd=here,
        environment=child_environment(os.environ, cwd=here),
        access=Access(profile="read" if profile == "read" else "write", root=here),
    )
    try:
        return await _followed(launcher, command)
    except OSError as error:
        print(f"ion: the command was not started. {error}", file=sys.stderr)
        return _NOT_STARTED
    finally:
        launcher.close()


async def _followed(launcher: ConfinedLauncher, command: Command) -> int:
    child = await launcher.start(command)
    try:
        while output := await child.read():
            streams.put(output)
        code = await child.wait()
    finally:
        await child.stop()
    if child.fence is not None and child.fence.label:
        print(f"ion: {child.fence.label}", file=sys.stderr)
    for remark in child.remarks:
        print(f"ion: {remark}", file=sys.stderr)
    return code if code >= 0 else 128 - code
