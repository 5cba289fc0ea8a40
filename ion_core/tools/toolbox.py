"""The tools of a session, found by the names that models use for them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from ion_core.entries import ToolDefinition
from ion_core.tools.aliases import ALIASES, bare, misspelt
from ion_core.tools.base import Tool
from ion_core.tools.bash import Bash
from ion_core.tools.edit import Edit
from ion_core.tools.glob import Glob
from ion_core.tools.grep import Grep
from ion_core.tools.guests import guest_named, is_foreign
from ion_core.tools.list import List
from ion_core.tools.patch import ApplyPatch
from ion_core.tools.process import Launcher
from ion_core.tools.read import Read
from ion_core.tools.ripgrep import Ripgrep
from ion_core.tools.schema import schema_of
from ion_core.tools.task import Task
from ion_core.tools.todo import Todo
from ion_core.tools.tool_search import ToolSearch
from ion_core.tools.wanted import SEARCH
from ion_core.tools.write import Write

if TYPE_CHECKING:
    from ion_core.tools.guest import Guests

_NEAREST = 5

_PATCH_WRITERS = r"(?:^|[/.])(?:gpt-(?:[5-9]|1\d)(?!\d)|codex\b)|-codex\b"
"""Models trained on ``apply_patch``: GPT-5 and newer (OpenAI's guide to GPT-5, 2025), and codex."""


def writes_patches(model: str) -> bool:
    """Whether a model, by its id at whatever provider, changes files best by patches."""
    name = model.lower()
    return ("gpt" in name or "codex" in name) and re.search(_PATCH_WRITERS, name) is not None


class Described(Struct, frozen=True, kw_only=True):
    """A tool as a model is told of it."""

    name: str
    description: str
    schema: dict[str, Any]


class Toolbox:
    """Some tools, in the order of their names: the same tools give the same prompt. ``rare`` ones
    can be called like the others, and are described to a model only once it wanted them; so can
    ``guests``, whose definitions the session keeps."""

    def __init__(
        self, tools: Iterable[Tool], rare: Sequence[Tool] = (), guests: Guests | None = None
    ) -> None:
        common = [*tools, ToolSearch(rare, guests)] if rare or guests else list(tools)
        self._rarities = tuple(rare)
        self._rare = frozenset(tool.name for tool in rare)
        self._guests = guests if guests is not None and guests.configured else None
        self._tools = {
            tool.name: tool for tool in sorted([*common, *rare], key=lambda tool: tool.name)
        }

    def narrowed(self, may: Callable[[str], bool], *, guests: bool) -> Toolbox:
        """The same without the tools that somebody may not use; with ``guests`` those of servers
        that they may use."""
        own = [t for n, t in self._tools.items() if n not in self._rare and n != SEARCH]
        rare = [t for t in self._rarities if may(t.name)]
        allowed: Guests | None = None
        if guests and self._guests is not None:
            from ion_core.tools.guests_allowed import GuestsAllowed  # start-up: few are narrowed

            allowed = GuestsAllowed(self._guests, may)
        return Toolbox([tool for tool in own if may(tool.name)], rare, allowed)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._tools)

    @property
    def guests(self) -> Guests | None:
        """The tools of servers; None where there is no server."""
        return self._guests

    def specs(
        self, model: str = "", wanted: Iterable[str | ToolDefinition] = ()
    ) -> tuple[Described, ...]:
        """What a model is told of each: of ``apply_patch`` or ``edit``, the one it was trained on.
        Both can be called. Rare tools that were ``wanted``, and definitions of guests, follow in
        that order, so that the list grows at its end."""
        unsaid = {"edit" if writes_patches(model) else "apply_patch"} | self._rare
        common = [tool for name, tool in self._tools.items() if name not in unsaid]
        more = [self._described(one) for one in wanted]
        return (*map(_described, common), *(one for one in more if one is not None))

    def _described(self, wanted: str | ToolDefinition) -> Described | None:
        if isinstance(wanted, str):
            return _described(self._tools[wanted]) if wanted in self._rare else None
        if wanted.name in self._tools:
            return None
        return Described(
            name=wanted.name, description=wanted.description, schema=dict(wanted.schema)
        )

    def find(self, name: str) -> Tool | None:
        """The tool that ``name`` surely means: its own name, one with a namespace before it, in
        another case or with other separators, one that other agents use for it, or that of a tool
        that only reads, with a slip of the pen."""
        if name in self._tools:
            return self._tools[name]
        if self._guests is not None and (guest := guest_named(name, self._guests.known())):
            return guest
        if is_foreign(name):
            return None
        plain = re.sub(r"^functions_|[.:]\d+$", "", name.strip())
        for written in (plain, re.split(r"[./:]|__", plain)[-1]):
            asked = bare(written)
            same = [tool for own, tool in self._tools.items() if bare(own) == asked]
            if same:
                return same[0] if len(same) == 1 else None
            if ALIASES.get(asked) in self._tools:
                return self._tools[ALIASES[asked]]
        return self._slip(bare(name))

    def _slip(self, asked: str) -> Tool | None:
        harmless = [tool for tool in self._tools.values() if tool.effect == "read"]
        near = [tool for tool in harmless if misspelt(asked, bare(tool.name))]
        return near[0] if len(near) == 1 else None

    def unknown(self, name: str) -> str:
        """A sentence for a model that asked for a tool that is not here."""
        if self._guests is not None and (why := self._guests.absent(name)):
            return why
        import difflib  # deferred: 5 ms that only a wrong name needs

        near = difflib.get_close_matches(name, self._tools, n=_NEAREST, cutoff=0.5)
        offered = near or list(self._tools)[: 2 * _NEAREST]
        return f"There is no tool {name!r}. Use one of: {', '.join(offered)}."


def _described(tool: Tool) -> Described:
    return Described(name=tool.name, description=tool.description, schema=schema_of(tool.args))


def standard_tools(launcher: Launcher) -> tuple[Tool, ...]:
    """The tools that every session has. ``launcher`` starts their children."""
    ripgrep = Ripgrep(launcher)
    return (
        Read(),
        Write(),
        Edit(),
        ApplyPatch(),
        Bash(launcher),
        Glob(ripgrep),
        Grep(ripgrep),
        List(ripgrep),
        Todo(),
        Task(),
    )
