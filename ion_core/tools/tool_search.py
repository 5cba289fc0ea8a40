"""The ``tool_search`` tool: rare tools, which are not in the request until somebody wants them.

Which ones a session was given is read off its own entries, so that the list only grows at its end,
is the same after reopening, and belongs to the branch that asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from msgspec import Struct

from ion_core.entries import Entry
from ion_core.messages import Display, Message
from ion_core.tools.base import Effect, Outcome, Tool, ToolContext
from ion_core.tools.jobs import TOOL, job_in

NAME = "tool_search"

_FOUND = "You can call now: "

_LITTLE = (
    "an and any as at be but by do for from get has have how in is it let me my no not of on or "
    "our out so some than that the their them then there these this to up use was we what when "
    "which who with you your after they where all are"
)
_SMALL = frozenset(_LITTLE.split())
_MEANS = {
    **dict.fromkeys(
        ("internet", "online", "google", "documentation", "docs", "lookup"), "web search"
    ),
    **dict.fromkeys(("news", "latest", "recent", "current", "version", "look"), "web search"),
    **dict.fromkeys(
        ("browse", "website", "site", "link", "curl", "http", "https"), "web fetch url"
    ),
    **dict.fromkeys(("download", "wget", "open", "visit", "content"), "fetch url"),
    **dict.fromkeys(("user", "human", "clarify", "confirm", "prompt", "choose"), "ask person"),
    **dict.fromkeys(("prefer", "preference", "decide", "choice", "approval"), "ask person"),
    **dict.fromkeys(("kill", "terminate", "proces", "server", "daemon"), "job stop"),
    **dict.fromkeys(("task", "log", "logs", "stdin", "stdout", "poll", "shell"), "job output"),
    **dict.fromkeys(("present", "implement", "leave", "finish", "ready"), "exit plan"),
}
"""What people and models say for what tools are called."""


class ToolSearchArgs(Struct, frozen=True):
    """What a tool should be able to do."""

    example: ClassVar[dict[str, Any]] = {"query": "read a web page"}

    query: str
    limit: int = 5


class ToolSearch:
    """Finds among ``rare`` tools those that a query means."""

    name = NAME
    args: type[Struct] = ToolSearchArgs
    effect: Effect = "read"

    def __init__(self, rare: Sequence[Tool]) -> None:
        self._rare = tuple(rare)
        names = ", ".join(tool.name for tool in rare)
        self.description = (
            f"Get rarer tools by what they do, for the next step on. There are: {names}."
        )

    def target(self, args: ToolSearchArgs) -> str:
        return args.query

    def timeout_s(self, args: ToolSearchArgs) -> float:
        return 30.0

    async def run(self, args: ToolSearchArgs, ctx: ToolContext) -> Outcome:
        found = _best(self._rare, args.query)[: max(1, args.limit)]
        if not found:
            names = ", ".join(tool.name for tool in self._rare)
            display = Display(target=args.query, summary="nothing found")
            return Outcome(content=f"No tool does that. There are: {names}.", display=display)
        names = ", ".join(tool.name for tool in found)
        lines = [f"{tool.name}: {tool.description}" for tool in found]
        return Outcome(
            content="\n".join([f"{_FOUND}{names}", *lines]),
            display=Display(target=args.query, summary=names),
        )


def wanted(entries: Iterable[Entry]) -> tuple[str, ...]:
    """The names of tools that were called or found so far, and the one for jobs once there was
    one, in the order of their first time."""
    names: dict[str, None] = {}
    for entry in entries:
        if isinstance(entry.body, Message) and entry.body.role == "tool":
            for result in entry.body.results:
                names[result.name] = None
                if job_in(result.content):
                    names[TOOL] = None
                if result.name == NAME and result.content.startswith(_FOUND):
                    line = result.content.removeprefix(_FOUND).partition("\n")[0]
                    names.update(dict.fromkeys(line.split(", ")))
    return tuple(names)


def _best(tools: Iterable[Tool], query: str) -> list[Tool]:
    """Those with a word of the query, the ones with most of them first; a name counts thrice, and
    half as much what only means the same."""
    asked = _words(query) - _SMALL
    meant = {word for one in asked for word in _MEANS.get(one, "").split()} - asked
    scored = [(2 * _score(tool, asked) + _score(tool, meant), tool) for tool in tools]
    return [tool for score, tool in sorted(scored, key=lambda pair: -pair[0]) if score]


def _score(tool: Tool, asked: set[str]) -> int:
    name, about = _words(tool.name), _words(tool.description) - _SMALL
    return sum(3 * (word in name) + (word in about) for word in asked)


def _words(text: str) -> set[str]:
    """The words of a text without their endings, as far as these matter here."""
    words = re.findall(r"[a-z0-9]{2,}", text.lower())
    return {re.sub(r"(?:n?ing|es|s)$", "", word) if len(word) > 4 else word for word in words}
