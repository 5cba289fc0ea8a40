"""Screens of MCP servers and of hooks: state, source, errors."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ion_tui.command import Command
from ion_tui.offer import Fixed
from ion_tui.phrases import one_line
from ion_tui.widgets.listbox import Choice

if TYPE_CHECKING:
    from ion_core.mcp.server import Server
    from ion_tui.screens.main import MainScreen

LOG_LINES = 200
NO_SERVERS = "No MCP servers. Add one: ion mcp add NAME -- PROGRAM ARGS"
NO_HOOKS = "No hooks. [[hooks]] in the configuration adds one."


async def show_servers(screen: MainScreen) -> None:
    """MCP servers, and what can be done with one: accept what changed of its tools, connect anew,
    stop it, read its log."""
    from ion_tui import choosing

    runtime = await screen.ion.runtime()
    servers = runtime.extensions.servers
    if servers is None:
        screen.say(NO_SERVERS)
        return
    origins = await asyncio.to_thread(runtime.extensions.origins)
    rows = [
        Choice(
            value=server.name,
            name=one_line(server.name),
            detail=one_line(_of_server(server, server.declared.place(origins))),
            right=server.state.replace("_", " "),
        )
        for server in servers
    ]
    choice = await choosing.pick(screen, Fixed("MCP servers", rows))
    if choice is not None:
        await _obey(screen, servers.find(choice.value))


async def _obey(screen: MainScreen, server: Server) -> None:
    from ion_tui import choosing

    name = one_line(server.name)
    deeds = [
        Choice(value="accept", name="Look at what changed of its tools")
        if server.held
        else Choice(value="restart", name="Connect it anew"),
        Choice(value="stop", name="Stop it until ion is started again, or it is connected anew"),
        Choice(value="tools", name="Its tools", right=str(len(server.tools))),
        Choice(value="log", name="Its log", detail=one_line(str(server.log))),
    ]
    choice = await choosing.pick(screen, Fixed(f"{name}: {server.state}", deeds))
    match choice.value if choice is not None else "":
        case "accept":
            await _accept(screen, server.name, server.held)
        case "restart":
            await server.restart()
            screen.say(f"{name} is connected anew.")
        case "stop":
            await server.stop()
            screen.say(f"{name} is stopped.")
        case "tools":
            rows = [
                Choice(name=one_line(tool.name), detail=one_line(tool.description or ""))
                for tool in server.tools
            ]
            await choosing.pick(screen, Fixed(f"Tools of {name}", rows))
        case "log":
            lines = await asyncio.to_thread(_last_lines, server.log)
            rows = [Choice(name=one_line(line) or " ") for line in lines]
            await choosing.pick(screen, Fixed(f"Log of {name}", rows))


def _last_lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8", "replace").splitlines()[-LOG_LINES:]
    except OSError:
        return ["(nothing yet)"]


def _of_server(server: object, place: str) -> str:
    held = getattr(server, "held", {})
    if held:
        return f"{len(held)} tools are held back, since they changed: Enter looks"
    if problem := getattr(server, "problem", ""):
        return str(problem)
    tools = len(getattr(server, "tools", ()))
    return f"{tools} tools, {getattr(server, 'version', '') or 'version unknown'} · {place}"


async def _accept(screen: MainScreen, name: str, held: object) -> None:
    from ion_tui import choosing

    runtime = await screen.ion.runtime()
    servers = runtime.extensions.servers
    assert servers is not None
    assert isinstance(held, dict)
    lines = [line for text in held.values() for line in text.splitlines()]
    rows = [Choice(value="yes", name="Accept the tools as they are now")]
    rows += [Choice(name=one_line(line) or " ") for line in lines]
    choice = await choosing.pick(screen, Fixed(f"What changed of {one_line(name)}", rows))
    if choice is not None:
        await servers.find(name).accept()
        screen.say(f"The tools of {name} are accepted.")


async def show_hooks(screen: MainScreen) -> None:
    """Hooks, what is wrong with some, and their last runs."""
    from ion_core.hooks.runner import Runner
    from ion_tui import choosing

    runtime = await screen.ion.runtime()
    hooks = runtime.extensions.hooks
    if not isinstance(hooks, Runner):
        screen.say(NO_HOOKS)
        return
    origins = await asyncio.to_thread(runtime.extensions.origins)
    rows = [
        Choice(
            value=f"{at}",
            name=one_line(f"{spec.event or '?'} {spec.matcher}".strip()),
            detail=one_line(spec.problem or spec.does),
            right="broken" if spec.problem else one_line(spec.place(origins).rpartition("/")[2]),
        )
        for at, spec in enumerate(hooks.specs)
    ]
    rows += [Choice(name="Last runs")] if hooks.ran else []
    rows += [
        Choice(
            value=f"ran{at}",
            name=one_line(ran.spec.event),
            detail=one_line(ran.problem or ran.verdict.reason or "ok"),
            right=f"{ran.ms} ms",
        )
        for at, ran in enumerate(reversed(hooks.ran[-10:]))
    ]
    await choosing.pick(screen, Fixed("Hooks", rows))


PLUGGED: Sequence[Command] = (
    Command(
        id="mcp.show",
        title="MCP servers: state, tools, errors",
        slash=("mcp",),
        run=lambda screen, _: show_servers(screen),
    ),
    Command(
        id="hooks.show",
        title="Hooks: what runs when, and what it said",
        slash=("hooks",),
        run=lambda screen, _: show_hooks(screen),
    ),
)
