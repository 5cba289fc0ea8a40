"""Which commands worked: those that build, test and check before all others."""

from __future__ import annotations

import re

from ion_core.context.ledgers.errors import SHELLS, command_of
from ion_core.context.ledgers.ledger import CommandFact
from ion_core.entries import Entry
from ion_core.messages import ToolCall, ToolResult

LONGEST = 300
_CHECKS = re.compile(
    r"\b(?:pytest|tox|nox|unittest|make|cmake|ninja|npm|pnpm|yarn|bun|npx|tsc|eslint|vitest|jest|"
    r"cargo|go (?:test|build|run|vet)|mypy|ruff|pyright|flake8|black|gradle|gradlew|mvn|dotnet|"
    r"swift|bazel|rake|bundle|rspec|mix|docker|compose|uv|poetry|pip|deno|zig|meson|python3?|node)\b"
)
_LOOKS = re.compile(
    r"^\s*(?:cd [^&;]+(?:&&|;)\s*)?(?:ls|cat|head|tail|grep|rg|find|sed -n|wc|echo)\b"
)


class Commands:
    """Gathers; a command that fails later is not told as one that works."""

    def __init__(self) -> None:
        self._found: dict[str, CommandFact] = {}

    def add(self, entry: Entry, call: ToolCall, result: ToolResult) -> None:
        """Take a call in that was answered."""
        if call.name.lower() not in SHELLS:
            return
        command = command_of(call)
        self._found.pop(command, None)
        if result.status == "ok" and 0 < len(command) <= LONGEST and not _LOOKS.match(command):
            self._found[command] = CommandFact(
                command=command,
                cwd=str(call.arguments.get("cwd") or ""),
                duration_ms=result.display.duration_ms if result.display else None,
                entry=entry.id,
                checks=bool(_CHECKS.search(command)),
            )

    def facts(self) -> tuple[CommandFact, ...]:
        """What was gathered, the newest last."""
        return tuple(self._found.values())
