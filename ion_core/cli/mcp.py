"""``ion mcp …``: which MCP servers there are, and what they can do."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ion_core.cli.columns import aligned
from ion_core.config.load import Loaded, load
from ion_core.config.origins import Origins
from ion_core.config.paths import ion_home
from ion_core.errors import ConfigError

if TYPE_CHECKING:
    from ion_core.mcp.declared import Declared


def configure(parser: argparse.ArgumentParser) -> None:
    """The words and their options."""
    words = parser.add_subparsers(dest="word", required=True, metavar="WORD")
    _plain(words, "list", "the servers, and where each was written down", named=False)
    _plain(words, "tools", "connect to a server and list its tools")
    _plain(words, "test", "connect to a server and say how it went")
    _plain(words, "accept", "use the tools of a server as they are now")
    _plain(words, "remove", "forget a server")
    _plain(words, "login", "log in to a remote server by the browser")
    _plain(words, "logout", "forget a login")
    serve = words.add_parser("serve", help="be an MCP server: other programs have tasks done here")
    serve.add_argument("-m", "--model", default="", help="provider/model[:effort]")
    serve.add_argument("--mode", choices=("read", "plan", "write"), help="the most tools may do")
    serve.add_argument("--sandbox", choices=("auto", "required", "off"))
    serve.add_argument("--trust-once", action="store_true", help="trust this folder for this run")
    add = words.add_parser("add", help="write a server down: NAME -- PROGRAM ARGS, or NAME --url U")
    add.add_argument("name")
    add.add_argument("--url", default="", help="the address of a remote server")
    add.add_argument("--sse", action="store_true", help="the address speaks the older SSE")
    add.add_argument("--header", action="append", default=[], metavar="NAME=VALUE")
    add.add_argument("--env", action="append", default=[], metavar="NAME=VALUE")
    add.add_argument("--eager", action="store_true", help="offer its tools at once")
    add.add_argument("--project", action="store_true", help="for this project, in .ion/config.toml")
    add.add_argument("program", nargs="*", metavar="-- PROGRAM ARGS")


def _plain(words: Any, name: str, about: str, *, named: bool = True) -> None:
    word = words.add_parser(name, help=about)
    if named:
        word.add_argument("name")
    word.add_argument("--json", action="store_true", help="JSON")


def run(options: argparse.Namespace) -> int:
    """Do what the word says; the exit code. Raises ``IonError``."""
    loaded = load(Path.cwd())
    match options.word:
        case "list":
            return _list(loaded, as_json=options.json)
        case "add":
            return _add(loaded, options)
        case "remove":
            return _remove(loaded, options.name)
        case "serve":
            from ion_core.cli import mcp_serve  # start-up: it alone needs the SDK's server

            return asyncio.run(mcp_serve.obey(options))
        case "login" | "logout" as word:
            from ion_core.cli import mcp_login  # start-up: few servers want one

            one = next(
                (o for o in declared_in(loaded) if o.name == options.name and o.usable), None
            )
            if one is None:
                raise ConfigError(f"There is no MCP server {options.name!r} that can be used.")
            return asyncio.run(mcp_login.obey(word, loaded, one))
        case word:
            from ion_core.cli import mcp_try  # start-up: these alone connect to anything

            return asyncio.run(mcp_try.obey(word, loaded, options.name, as_json=options.json))


def declared_in(loaded: Loaded) -> tuple[Declared, ...]:
    """Every server that the current folder has."""
    from ion_core.mcp.declared import declared  # start-up: `add` needs none

    places = loaded.places
    return declared(loaded.settings, places.project, trusted=loaded.trusted, env=os.environ)


def _list(loaded: Loaded, *, as_json: bool) -> int:
    found, origins = declared_in(loaded), Origins(loaded.places)
    if as_json:
        print(json.dumps([_told(one, origins) for one in found]))
        return 0
    if not found:
        print("No MCP servers. Add one: ion mcp add NAME -- PROGRAM ARGS, or NAME --url ADDRESS")
        return 0
    rows = [(one.name, _state(one), _reached(one), one.place(origins)) for one in found]
    print(aligned(("NAME", "STATE", "HOW", "FROM"), rows, left=(0, 1, 2, 3)))
    return 0


def _told(one: Declared, origins: Origins) -> dict[str, Any]:
    server = one.settings
    return {
        "name": one.name,
        "state": _state(one),
        "command": [server.command, *server.args] if server.command else None,
        "url": server.url or None,
        "type": server.type or ("stdio" if server.command else "http"),
        "eager": server.eager,
        "source": one.place(origins),
        "shadowed": one.shadowed,
        "problem": one.problem or None,
    }


def _state(one: Declared) -> str:
    if one.problem:
        return f"broken: {one.problem}"
    if one.shadowed:
        return "shadowed"
    return "on" if one.settings.enabled else "off"


def _reached(one: Declared) -> str:
    server = one.settings
    return server.url or " ".join((server.command, *server.args))


def _add(loaded: Loaded, options: argparse.Namespace) -> int:
    from ion_core.config.extension_schema import McpServerSettings
    from ion_core.config.mcp_servers import add_server  # start-up: writing alone needs tomlkit

    if bool(options.program) == bool(options.url):
        raise ConfigError("Name a program (ion mcp add NAME -- PROGRAM ARGS) or an address (--url)")
    command, *args = options.program or [""]
    server = McpServerSettings(
        command=command,
        args=tuple(args),
        url=options.url,
        type="sse" if options.sse else "",
        env=_pairs(options.env, "--env"),
        headers=_pairs(options.header, "--header"),
        eager=options.eager,
    )
    layer = "project" if options.project else "user"
    add_server(loaded.places, layer, options.name, server, os.environ)  # type: ignore[arg-type]
    file = loaded.places.files[layer]  # type: ignore[index]
    print(f"Added {options.name} to {file}. Try it: ion mcp test {options.name}")
    return 0


def _pairs(words: list[str], flag: str) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    if wrong := [name for name, sign, _ in pairs if not (name and sign)]:
        raise ConfigError(f"{flag} {wrong[0]} is not NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _remove(loaded: Loaded, name: str) -> int:
    from ion_core.config.mcp_servers import drop_server
    from ion_core.mcp.pins import Pins

    for layer, file in loaded.places.files.items():
        if drop_server(loaded.places, layer, name, os.environ):
            Pins(ion_home()).forget(name)
            print(f"Removed {name} from {file}.")
            return 0
    others = [one for one in declared_in(loaded) if one.name == name]
    if others:
        raise ConfigError(f"{name} stands in {others[0].source}: take it out there.")
    known = ", ".join(sorted(loaded.settings.mcp_servers)) or "none"
    raise ConfigError(f"There is no MCP server {name!r}. There are: {known}.")
