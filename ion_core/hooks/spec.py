"""A hook as somebody wrote it down: in ion's configuration, or in Claude Code's settings.

Both say the same: for which event and which tools, what runs, and for how long. A name of an event
that is not known is told and harms nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec
from msgspec import Struct

from ion_core.config.extension_schema import HookSettings
from ion_core.hooks.base import EVENTS, OWN

if TYPE_CHECKING:
    from ion_core.config.origins import Origins

FILES: Final = (".claude/settings.json", ".claude/settings.local.json")
CONFIG: Final = "config.toml"
SECONDS: Final = 60.0
"""How long a hook of Claude's settings may take that does not say it."""


class HookSpec(Struct, frozen=True, kw_only=True):
    """``argv``, a ``url``, a ``prompt`` for a model, or a ``tool`` (an MCP server, its tool) with
    ``arguments``. ``shell``: the one word of ``argv`` is a line for a shell. ``claude``: it was
    written for Claude Code, and is told the names that tools have there. ``problem`` is why it does
    not run, empty for one that does. ``at`` is its place among those of the configuration."""

    event: str
    source: str
    matcher: str = ""
    when: str = ""
    argv: tuple[str, ...] = ()
    shell: bool = False
    url: str = ""
    prompt: str = ""
    tool: tuple[str, ...] = ()
    arguments: dict[str, Any] = {}
    timeout_s: float = SECONDS
    on_error: Literal["warn", "deny", "ignore"] = "warn"
    background: bool = False
    once: bool = False
    priority: int = 0
    claude: bool = False
    problem: str = ""
    at: int = -1

    def place(self, origins: Origins) -> str:
        """The file where it stands, and of the configuration the line."""
        return origins.hook(self.at) if self.source == CONFIG else self.source

    @property
    def does(self) -> str:
        """What it runs, in a line."""
        return self.url or " ".join(self.tool or self.argv) or self.prompt


def specs(hooks: Sequence[HookSettings], project: Path, *, claude: bool) -> tuple[HookSpec, ...]:
    """Every hook, in the order in which they are obeyed; with ``claude`` those of the project's
    Claude settings too. Blocking."""
    found = [_of_config(hook, at) for at, hook in enumerate(hooks)]
    for name in FILES if claude else ():
        found += _of_file(project / name)
    ranked = sorted(enumerate(found), key=lambda pair: (-pair[1].priority, pair[0]))
    return tuple(spec for _, spec in ranked)


def _of_config(hook: HookSettings, at: int) -> HookSpec:
    return HookSpec(
        event=hook.event,
        source=CONFIG,
        matcher=hook.matcher,
        when=hook.when,
        argv=hook.command,
        url=hook.url,
        prompt=hook.prompt,
        tool=_tool(hook.tool),
        arguments=dict(hook.arguments),
        timeout_s=hook.timeout_s,
        on_error="deny" if hook.on_error == "block" else hook.on_error,
        background=hook.background,
        once=hook.once,
        priority=hook.priority,
        problem=_unknown(hook.event),
        at=at,
    )


def _of_file(file: Path) -> Iterator[HookSpec]:
    try:
        found = msgspec.json.decode(file.read_text("utf-8-sig"))
    except FileNotFoundError:
        return
    except (OSError, ValueError) as error:
        yield HookSpec(event="", source=str(file), problem=f"The file cannot be read: {error}")
        return
    hooks = found.get("hooks") if isinstance(found, dict) else None
    if not isinstance(hooks, dict) or found.get("disableAllHooks") is True:
        return
    for event, groups in hooks.items():
        for group in groups if isinstance(groups, list) else ():
            if isinstance(group, dict):
                yield from _of_group(str(event), group, file)


def _of_group(event: str, group: Mapping[str, Any], file: Path) -> Iterator[HookSpec]:
    for hook in group.get("hooks") or ():
        if not isinstance(hook, dict):
            yield HookSpec(event=event, source=str(file), problem="A hook is no table.")
            continue
        kind, command = hook.get("type", "command"), str(hook.get("command") or "")
        args = tuple(map(str, hook.get("args") or ()))
        url = str(hook.get("url") or "") if kind == "http" else ""
        prompt = str(hook.get("prompt") or "") if kind == "prompt" else ""
        names = (str(hook.get("server") or ""), str(hook.get("tool") or ""))
        tool = names if kind == "mcp_tool" and all(names) else ()
        given = hook.get("input")
        problem = _unknown(event)
        if kind not in ("command", "http", "prompt", "mcp_tool"):
            problem = f"Hooks of the type {kind!r} are not run by ion."
        elif not (command or url or prompt or tool):
            problem = "It has nothing to run."
        yield HookSpec(
            event=event,
            source=str(file),
            matcher=str(group.get("matcher") or ""),
            when=str(hook.get("if") or ""),
            argv=(command, *args) if kind == "command" else (),
            shell=not args,
            url=url,
            prompt=prompt,
            tool=tool,
            arguments=given if isinstance(given, dict) else {},
            timeout_s=_seconds(hook.get("timeout")),
            background=hook.get("async") is True,
            once=hook.get("once") is True,
            claude=True,
            problem=problem,
        )


def _tool(written: str) -> tuple[str, ...]:
    """The server and the tool of ``mcp__server__tool`` or ``server/tool``."""
    server, _, tool = written.removeprefix("mcp__").replace("__", "/", 1).partition("/")
    return (server, tool) if server and tool else ()


def _seconds(value: object) -> float:
    return float(value) if isinstance(value, int | float) and value > 0 else SECONDS


def _unknown(event: str) -> str:
    known = (*EVENTS, *OWN)
    if event in known:
        return ""
    near = get_close_matches(event, known, 1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"There is no event {event!r}.{hint}"
