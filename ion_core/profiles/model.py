"""A kind of agent: its prompt, its tools, its model and its limits.

Definitions are Markdown with a head, in ion's form, Claude Code's or OpenCode's; all three are read
with the same eyes. A field that nobody knows is told and harms nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from msgspec import Struct

from ion_core.frontmatter import parsed, words
from ion_core.tools.aliases import meant
from ion_core.tools.guests import PREFIX

AgentMode: TypeAlias = Literal["", "read", "plan", "write"]

LONGEST: Final = 1_024
_FIELDS: Final = (
    "name description mode tools disallowed_tools disallowedTools model variant max_turns maxTurns",
    "steps maxSteps temperature top_p effort permission_mode permissionMode permission skills",
    "mcp_servers mcpServers hooks memory background isolation color hidden disabled disable prompt",
)
_KNOWN: Final = frozenset(name for line in _FIELDS for name in line.split())
_IDLE: Final = ("temperature", "top_p", "hooks", "memory")
"""Fields that others obey and ion does not."""
_MODES: Final[Mapping[str, AgentMode]] = {
    "plan": "plan",
    "read": "read",
    "readOnly": "read",
    "acceptEdits": "",
    "default": "",
    "bypassPermissions": "",
    "dontAsk": "",
    "write": "",
}
_SHORT: Final = frozenset({"haiku", "sonnet", "opus", "inherit", "small"})


class Profile(Struct, frozen=True, kw_only=True):
    """``tools`` are those that it may use as they were written, None for all of them; ``model`` is
    ``provider/model``, "small" or empty for that of whoever starts it. ``mode`` narrows the mode of
    whoever starts it, empty: the same. ``max_turns`` 0 is no limit. ``primary``: it is meant for a
    session of a person's (``--agent``) too. ``conversation``: it begins with all that was said to
    whoever starts it, and is told nothing else, so that what the provider cached of it serves.
    ``effort`` is how hard it thinks (empty: as set), ``skills`` it has read before it begins, and
    ``servers`` are the MCP servers whose tools it may use, None for all of them.
    ``complaints`` are fields that mean nothing here; ``problem`` is why it cannot be used."""

    name: str
    description: str
    prompt: str = ""
    tools: tuple[str, ...] | None = None
    disallowed: tuple[str, ...] = ()
    model: str = ""
    mode: AgentMode = ""
    max_turns: int = 0
    effort: str = ""
    skills: tuple[str, ...] = ()
    servers: tuple[str, ...] | None = None
    background: bool = False
    isolation: Literal["", "worktree"] = ""
    hidden: bool = False
    conversation: bool = False
    primary: bool = True
    source: str = ""
    owner: str = "ion"
    complaints: tuple[str, ...] = ()
    problem: str = ""
    shadowed: bool = False

    @property
    def usable(self) -> bool:
        return not self.problem and not self.shadowed

    def may(self, tool: str) -> bool:
        """Whether it is told of a tool, by the tool's own name."""
        if any(tool == _bare(name) for name in self.disallowed if "(" not in name):
            return False
        if self.servers is not None and tool.startswith(PREFIX) and not self._reaches(tool):
            return False
        return self.tools is None or any(_is(name, tool) for name in self.tools)

    def _reaches(self, tool: str) -> bool:
        from ion_core.tools.guests import server_name  # start-up: few agents name servers

        return any(tool.startswith(f"{PREFIX}{server_name(one)}__") for one in self.servers or ())


def _bare(written: str) -> str:
    return meant(written.partition("(")[0].strip())


def _is(written: str, tool: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(tool, _bare(written))


def read(file: Path, owner: str) -> Profile:
    """The agent of a file. Blocking. Never raises: what is wrong is its ``problem``."""
    name = file.stem
    try:
        document = parsed(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        return _broken(name, file, owner, f"It cannot be read: {error}")
    meta = document.meta
    name = str(meta.get("name") or name).strip()
    description = " ".join(str(meta.get("description") or "").split())
    if document.problem or not description:
        return _broken(name, file, owner, document.problem or "It has no description.")
    if meta.get("disabled") is True or meta.get("disable") is True:
        return _broken(name, file, owner, "It is switched off.")
    allowed, denied = _tools(meta)
    if allowed is not None and not allowed:
        return _broken(name, file, owner, "Its list of tools allows none.")
    unknown = sorted(str(field) for field in meta if field not in _KNOWN)
    return Profile(
        name=name,
        description=description[:LONGEST],
        prompt=document.body.strip(),
        tools=allowed,
        disallowed=denied,
        model=_model(str(meta.get("model") or "")),
        mode=_mode(meta),
        max_turns=_count(meta),
        effort=str(meta.get("effort", meta.get("variant")) or "").lower(),
        skills=words(meta.get("skills")),
        servers=_servers(meta),
        background=meta.get("background") is True,
        isolation="worktree" if meta.get("isolation") == "worktree" else "",
        hidden=meta.get("hidden") is True,
        primary=str(meta.get("mode") or "all") in ("primary", "all"),
        source=str(file),
        owner=owner,
        complaints=(
            *(f"The field {field!r} means nothing to ion." for field in unknown),
            *(f"The field {field!r} is not obeyed by ion." for field in _IDLE if field in meta),
        ),
    )


def _tools(meta: Mapping[str, Any]) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """Which tools it may use, None for all, and which it may not."""
    denied = list(words(meta.get("disallowed_tools", meta.get("disallowedTools"))))
    said = meta.get("tools")
    if isinstance(said, Mapping):
        denied += [str(name) for name, on in said.items() if on is False]
        allowed = None
    else:
        allowed = words(said) if said is not None else None
    permission = meta.get("permission")
    if isinstance(permission, Mapping):
        denied += [str(name) for name, rule in permission.items() if rule == "deny"]
    if allowed is not None and "*" in allowed:
        allowed = None
    return allowed, tuple(denied)


def _model(said: str) -> str:
    if said == "haiku":
        return "small"
    return "" if said in _SHORT - {"small"} or ("/" not in said and said != "small") else said


def _servers(meta: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The names of MCP servers; of one that is described in place, its name alone."""
    said = meta.get("mcp_servers", meta.get("mcpServers"))
    if said is None:
        return None
    if isinstance(said, Mapping):
        return tuple(map(str, said))
    listed = said if isinstance(said, list) else words(said)
    return tuple(str(next(iter(one), "") if isinstance(one, Mapping) else one) for one in listed)


def _mode(meta: Mapping[str, Any]) -> AgentMode:
    said = meta.get("permission_mode", meta.get("permissionMode"))
    permission = meta.get("permission")
    if isinstance(permission, Mapping) and permission.get("edit") == "deny":
        return "read" if permission.get("bash") == "deny" else ""
    return _MODES.get(str(said or ""), "")


def _count(meta: Mapping[str, Any]) -> int:
    for name in ("max_turns", "maxTurns", "steps", "maxSteps"):
        if isinstance(value := meta.get(name), int) and value > 0:
            return value
    return 0


def _broken(name: str, file: Path, owner: str, problem: str) -> Profile:
    return Profile(name=name, description="", source=str(file), owner=owner, problem=problem)
