"""The tables of ``config.toml`` for what extends ion: hooks, MCP servers, skills, agents."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from ion_core.config.provider_schema import Seconds


class HookSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A command or URL that is told of an event, and may object. The hooks of all files run."""

    event: str
    """The event's name, such as PreToolUse or PostToolUse."""
    matcher: str = ""
    """Tool names it is for, joined by |, or a regular expression; empty = all."""
    when: str = ""
    """Only for calls like this one, such as Bash(git push *); empty = all."""
    command: tuple[str, ...] = ()
    """The program and its arguments."""
    url: str = ""
    """Where to post the event instead of running a command."""
    prompt: str = ""
    """What a model is asked about the event ($ARGUMENTS) instead: whether it is all right."""
    tool: str = ""
    """The tool of an MCP server that is called instead: mcp__server__tool."""
    arguments: dict[str, str] = {}
    """Its arguments."""
    timeout_s: Seconds = 30.0
    """Seconds before it is stopped."""
    on_error: Literal["warn", "block", "deny", "ignore"] = "warn"
    """What its failure means; "block" and "deny" are the same."""
    background: bool = False
    """Go on without waiting for it; what it says is not obeyed."""
    once: bool = False
    """Run it once in a session."""
    priority: int = 0
    """Higher ones are obeyed first."""


class McpServerSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An MCP server: a program (`command`) or an address (`url`)."""

    command: str = ""
    """The program to start."""
    args: tuple[str, ...] = ()
    """Its arguments."""
    env: dict[str, str] = {}
    """Variables added to its environment."""
    cwd: str = ""
    """The folder it starts in; empty = the project."""
    url: str = ""
    """The address of a remote server."""
    type: Literal["", "stdio", "http", "sse"] = ""
    """How it is spoken to; empty = stdio for a program, http (streamable) for an address."""
    headers: dict[str, str] = {}
    """Headers sent to a remote server."""
    eager: bool = False
    """Offer its tools at once instead of behind tool_search."""
    enabled: bool = True
    """Whether it is used at all."""
    timeout_s: Seconds = 60.0
    """Seconds that a call of one of its tools may take."""
    network: bool = True
    """Whether a program may reach the network out of its sandbox."""
    writable: tuple[str, ...] = ()
    """Folders that a program may write; "." is the project. Without any it writes nowhere."""
    sampling: bool = False
    """Whether it may ask the session's model something."""
    client_id: str = ""
    """The OAuth client registered for ion beforehand; empty = ion registers itself."""
    client_secret_env: str = ""
    """The variable with that client's secret."""
    scopes: tuple[str, ...] = ()
    """OAuth scopes to ask for; empty = those that the server names."""


class SkillSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Skills."""

    allowed_tools: Literal["preapprove", "restrict", "ignore"] = "preapprove"
    """What a skill's list of tools means: these without asking, only these, or nothing."""


class AgentSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Subagents."""

    max_depth: Annotated[int, Meta(ge=0, le=1)] = 1
    """1 = sessions may start agents, which start none themselves; 0 = none may."""
    autowake: bool = True
    """Wake an idle session when its background agent is done."""
    autosplit: bool = False
    """Open an agent beside its session when it starts (from 160 columns), go back when it ends."""
    review_model: str = ""
    """provider/model of ion's own reviewer; empty = the session's."""
