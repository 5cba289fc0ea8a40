"""Every setting there is, once: the tables of ``config.toml`` as frozen values.

Snapshots are decoded into these Structs directly; ``checked.py`` derives the pydantic models that
validate layers from the same definitions, and ``ion config schema`` prints the string under each
field. What is absent is None or empty; 0 means "no limit" where a number limits something.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

from ion_core.config.extension_schema import (
    AgentSettings,
    HookSettings,
    McpServerSettings,
    SkillSettings,
)
from ion_core.config.provider_schema import Count, ProviderSettings, Seconds

Dollars: TypeAlias = Annotated[float, Meta(ge=0)]

Mode: TypeAlias = Literal["read", "plan", "write"]
Decision: TypeAlias = Literal["allow", "ask", "deny"]


class CompactionSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """When and how a long conversation is summarised."""

    auto: bool = True
    """Compact without being asked when the window fills."""
    soft_limit_tokens: Count = 0
    """Compact at this many tokens even if the window is larger; 0 = no limit."""
    keep_recent_tokens: Count = 8_000
    """The newest tokens that are never summarised; 0 = none but a prompt without an answer."""
    checkpoint_tokens: Count = 0
    """The most tokens of a checkpoint, summary and ledgers together; 0 = as the window allows."""
    verify: bool = False
    """Ask the model once more what its summary leaves out: a tenth of the price of a prompt."""
    model: str = "session"
    """Who summarises: "session", "small", provider/model, or "auto": the small model where that
    costs less than the session's own, which has the conversation in its provider's cache."""


class ContextSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What models are told before anything is said."""

    instruction_files: tuple[str, ...] = (
        "AGENTS.override.md",
        "AGENTS.md",
        "CLAUDE.md",
        "GEMINI.md",
    )
    """Of each folder the first of these is told, and its .local.md; empty: no instructions."""
    system_prompt_file: str = ""
    """A template (jinja2: cwd, platform, git, family, extra) in the place of ion's own prompt;
    empty: prompts/system.j2 of ion's home, if it is there."""
    append_system_prompt: str = ""
    """Words behind the system prompt."""


class LimitSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where ion stops by itself."""

    max_turns: Count = 0
    """Requests to a model in one run; 0 = no limit."""
    max_cost_usd: Dollars = 0.0
    """US dollars of one run; 0 = no limit."""
    max_tokens: Count = 0
    """Tokens of one run, prompts and answers; 0 = no limit."""
    max_time_s: Seconds = 0.0
    """Seconds that one run may take; 0 = no limit."""
    session_max_turns: Count = 0
    """Requests to a model in all runs of a session; 0 = no limit."""
    session_max_cost_usd: Dollars = 0.0
    """US dollars of all runs of a session; 0 = no limit."""
    session_max_tokens: Count = 0
    """Tokens of all runs of a session; 0 = no limit."""
    session_max_time_s: Seconds = 0.0
    """Seconds that all runs of a session may take together; 0 = no limit."""
    max_subagents: Count = 4
    """Subagents at work at the same time; 0 = no limit."""


class CatalogueSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is known of models before anybody asks them."""

    url: str = "https://models.dev/api.json"
    """Where `ion models refresh` gets a newer copy."""
    favourites: tuple[str, ...] = ()
    """Models (provider/model) that the picker shows first."""


class SandboxSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What child processes may touch."""

    enabled: Literal["auto", "required", "off"] = "auto"
    """"auto" uses what the machine offers, "required" refuses to run without it."""
    network: Literal["off", "proxy", "on"] = "off"
    """"proxy" reaches `allow_domains` only."""
    allow_domains: tuple[str, ...] = ()
    """Domains that the proxy lets through."""
    writable: tuple[str, ...] = ()
    """More folders that commands may write."""
    readable: tuple[str, ...] = ()
    """More folders that commands may read."""


class PermissionRule(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What happens to the calls of a tool that match a pattern."""

    tool: str
    """The tool's name, or a pattern of names."""
    decision: Decision
    """"deny" wins over "ask", "ask" over "allow"."""
    pattern: str = "*"
    """A pattern of the command, path or URL."""


class PermissionSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Rules on top of the modes. The rules of all files hold together."""

    rules: tuple[PermissionRule, ...] = ()
    """Each is { tool, pattern, decision }."""


class SessionSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How long sessions are kept."""

    archive_after_days: Count = 90
    """Days without use before a session leaves the list; 0 = never."""
    delete_after_days: Count = 0
    """Days before an archived session is deleted; 0 = never."""
    checkpoints_mb: Count = 1024
    """Megabytes of files as they were, for going back; the oldest go first. 0 = no limit."""
    titles: bool = True
    """In the app, ask `small_model` for a title after the first answer."""
    max_size_mb: Count = 0
    """Megabytes above which the trash is emptied early, and `ion sessions gc` says what is large;
    0 = no limit."""


class TuiSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The full-screen app."""

    theme: str = "auto:ion-dark,ion-light"
    """A theme's name, or auto:DARK,LIGHT to follow the terminal."""
    mouse: Literal["full", "wheel", "off"] = "full"
    """What the mouse does."""
    notifications: Literal["auto", "osc9", "osc777", "osc99", "bell", "off"] = "auto"
    """How the terminal is asked to notify."""
    ascii: bool = False
    """Draw with ASCII alone."""
    reduced_motion: bool = False
    """No animation."""


class ProfileSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A named set of choices for `--profile`."""

    mode: Mode | None = None
    """The mode to start in."""
    model: str = ""
    """provider/model[:effort]; empty = as without the profile."""


class InputSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the keys of the prompt do while a turn runs."""

    enter: Literal["steer", "queue"] = "steer"
    """Enter during a turn: speak into it, or queue for after it."""
    esc: Literal["single", "double"] = "single"
    """How many presses interrupt a turn."""
    steer: Literal["after_batch", "after_tool", "interrupt"] = "after_batch"
    """When the model reads a message sent during its turn."""


class MemorySettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Long-term memory."""

    enabled: bool = True
    """Whether anything is remembered between sessions."""


class LspSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Language servers."""

    enabled: bool = True
    """Whether diagnostics of language servers follow edits."""


class WebSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Reading and searching the web."""

    enabled: bool = True
    """Whether web_fetch and web_search may reach anything."""
    search: Literal["duckduckgo", "brave", "tavily", "exa", "searxng"] = "duckduckgo"
    """Who searches; the first needs no key."""
    search_url: str = ""
    """Where your SearXNG is."""
    api_key_env: str = ""
    """The variable with the key of brave, tavily or exa; empty = BRAVE_API_KEY and so on."""


class Settings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The whole configuration, every layer merged and validated."""

    model: str = ""
    """provider/model[:effort]; empty = whatever is found to be usable."""
    small_model: str = ""
    """For titles and summaries of web pages; empty = chosen by price."""
    mode: Mode = "write"
    """The mode to start in; an untrusted folder is always "read"."""
    claude_compat: bool = True
    """In a trusted project, read .claude/ and .mcp.json too."""
    fallback_models: tuple[str, ...] = ()
    """Tried in order when the model's provider fails."""
    providers: dict[str, ProviderSettings] = {}
    """Endpoints by name; the built-in ones need no table."""
    context: ContextSettings = ContextSettings()
    compaction: CompactionSettings = CompactionSettings()
    limits: LimitSettings = LimitSettings()
    catalogue: CatalogueSettings = CatalogueSettings()
    sandbox: SandboxSettings = SandboxSettings()
    permissions: PermissionSettings = PermissionSettings()
    hooks: tuple[HookSettings, ...] = ()
    """In the order of their priority, then of the files."""
    mcp_servers: dict[str, McpServerSettings] = {}
    """MCP servers by name."""
    sessions: SessionSettings = SessionSettings()
    tui: TuiSettings = TuiSettings()
    keymap: dict[str, dict[str, tuple[str, ...]]] = {}
    """Keys by context ("global") and action ("palette.open"); no key unbinds."""
    profiles: dict[str, ProfileSettings] = {}
    """By the name that `--profile` takes."""
    skills: SkillSettings = SkillSettings()
    agents: AgentSettings = AgentSettings()
    input: InputSettings = InputSettings()
    memory: MemorySettings = MemorySettings()
    lsp: LspSettings = LspSettings()
    web: WebSettings = WebSettings()
