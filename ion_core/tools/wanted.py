"""Which tools a session was given beyond the common ones, read off its own entries.

So the list only grows at its end, is the same after reopening, and belongs to the branch that
asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ion_core.entries import Entry, Instructions, Offered, ToolDefinition
from ion_core.messages import Message, ToolResult
from ion_core.tools.jobs import TOOL, job_in

SEARCH: Final = "tool_search"

FOUND: Final = "You can call now: "
"""What a search's result begins with; the names follow on that line."""


def wanted(entries: Iterable[Entry]) -> tuple[str | ToolDefinition, ...]:
    """The names of tools that were called or found so far, and the one for jobs once there was
    one, in the order of their first time; between them the definitions of guests, each where it
    was offered first."""
    found: dict[str, str | ToolDefinition] = {}
    for entry in entries:
        match entry.body:
            case Message(role="tool", results=results):
                for name in (name for result in results for name in named(result)):
                    found.setdefault(name, name)
            case Instructions(source="skills"):
                found.setdefault("skill", "skill")
            case Offered(tools=tools):
                for tool in tools:
                    if isinstance(found.get(tool.name), str):  # it was asked for, and comes now
                        del found[tool.name]
                    found.setdefault(tool.name, tool)
    return tuple(found.values())


def named(result: ToolResult) -> Iterator[str]:
    """The tools that a result is of, or tells of."""
    yield result.name
    if job_in(result.content):
        yield TOOL
    if result.name == SEARCH and result.content.startswith(FOUND):
        yield from result.content.removeprefix(FOUND).partition("\n")[0].split(", ")
