"""What a skill or a command changes about leave, until the person speaks again.

Its list of tools is written as for Claude Code: ``Read``, ``Bash(git add:*)``, ``WebFetch``. What
it allows is not asked about where WRITE would ask; what it disallows is refused. Neither ever goes
beyond the mode, the sandbox or a rule of the person's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct

from ion_core.config.schema import PermissionRule
from ion_core.tools.aliases import meant

ALWAYS: Final = frozenset({"skill", "todo", "tool_search", "note", "recall", "compact"})
"""Tools that change nothing but the session itself."""


class Scope(Struct, frozen=True, kw_only=True):
    """Of the skill or command ``name``. ``only``: nothing but ``allowed`` may be called."""

    name: str
    allowed: tuple[PermissionRule, ...] = ()
    disallowed: tuple[PermissionRule, ...] = ()
    only: bool = False

    def refusal(self, tool: str, target: str) -> str:
        """Why a call may not be, as a sentence for the model; empty when it may."""
        if tool in ALWAYS:
            return ""
        if any(_covers(rule, tool, target) for rule in self.disallowed):
            return f"Refused: {self.name} may not use {tool} for this."
        if self.only and not any(_covers(rule, tool, target) for rule in self.allowed):
            names = ", ".join(dict.fromkeys(rule.tool for rule in self.allowed))
            return f"Refused: {self.name} may only use {names}."
        return ""


def scope(
    name: str, allowed: Sequence[str], disallowed: Sequence[str], *, only: bool = False
) -> Scope | None:
    """The scope of something by that name, of lists as they are written; None when they say
    nothing. ``only``: nothing but what is allowed may be called."""
    if not (allowed or disallowed):
        return None
    return Scope(
        name=name,
        allowed=tuple(map(rule_of, allowed)),
        disallowed=tuple(map(rule_of, disallowed)),
        only=only and bool(allowed),
    )


def rule_of(written: str) -> PermissionRule:
    """``Bash(git add:*)`` as a rule."""
    name, has_pattern, rest = written.partition("(")
    pattern = rest.rstrip(")").replace(":*", "*") if has_pattern else "*"
    if name == "WebFetch" and pattern.startswith("domain:"):
        pattern = f"*://{pattern.removeprefix('domain:')}*"
    return PermissionRule(tool=meant(name.strip()), pattern=pattern or "*", decision="allow")


def _covers(rule: PermissionRule, tool: str, target: str) -> bool:
    """Whether a rule is about a call; of a line of commands, about one of them."""
    if not fnmatchcase(tool, rule.tool):
        return False
    parts = re.split(r"[;&|\n]+", target) if tool == "bash" else [target]
    return rule.pattern == "*" or any(fnmatchcase(part.strip(), rule.pattern) for part in parts)
