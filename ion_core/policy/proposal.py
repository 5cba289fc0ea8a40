"""The rule that "always" offers for a call: what was asked about, and its like.

A command becomes a pattern up to the word that says what it does (``git push *``), where the words
that follow cannot make something else of it; else the rule is the command line itself, letter by
letter. What is offered has been tried: with it, the same call is not asked about again.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from ion_core.asking import Proposal
from ion_core.config.schema import PermissionRule
from ion_core.policy.base import Unproved
from ion_core.policy.heads import head_of
from ion_core.policy.paths import Deed
from ion_core.policy.policy import Policy
from ion_core.policy.rules import Rules, literal
from ion_core.policy.secrets import may_be_secret
from ion_core.policy.shell.classify import check
from ion_core.policy.shell.parse import Command, parse
from ion_core.policy.shell.scene import Scene
from ion_core.policy.urls import UrlRefused, rooted
from ion_core.tools.paths import PathOutside, PathRefused, Workspace

SHELL: Final = "bash"
WEB: Final = "web_fetch"
SHALLOW: Final = 2
"""Paths of so many parts, such as / and /etc, hold too much to be allowed at once."""

_DEEDS: Final[dict[str, Deed]] = {
    "read": "read",
    "grep": "read",
    "list": "list",
    "glob": "list",
}
_ROOT: Final = re.compile(r"https?://[^/]+/")


def proposed(tool: str, target: str, workspace: Workspace) -> Proposal | None:
    """The rule to offer for a call that was asked about, None where no rule can speak for it.

    ``target`` is the command, the path or the URL. No rule is for a command line that is not
    wholly understood, or has several lines: what it runs is not in its words.
    """
    home = Path.home()
    if tool == SHELL:
        pattern = _command_pattern(target.strip(), workspace, home)
    elif tool == WEB:
        pattern = _host_pattern(target)
    else:
        pattern = _path_pattern(tool, target, workspace, home)
    return Proposal(tool=tool, pattern=pattern) if pattern else None


def _command_pattern(command: str, workspace: Workspace, home: Path) -> str:
    try:
        pipelines = parse(command)
    except Unproved:
        return ""
    if "\n" in command:
        return ""
    asked: dict[str, None] = {}

    def note(unproved: Command) -> bool:
        asked[_pattern_of(unproved)] = None
        return True

    try:
        check(pipelines, Scene(workspace, workspace.root, str(home)), note)
    except Unproved:
        return literal(command)
    patterns = [*asked]
    is_enough = len(patterns) == 1 and patterns[0] and _allows(patterns[0], command, workspace)
    return patterns[0] if is_enough else literal(command)


def _pattern_of(command: Command) -> str:
    """The pattern of one command, or nothing where its words decide too much."""
    plain = (word.is_plain and word.raw == word.value for word in command.words)
    head = head_of([w.raw if ok else "" for w, ok in zip(command.words, plain, strict=True)])
    return f"{' '.join(head)} *" if head else ""


def _allows(pattern: str, command: str, workspace: Workspace) -> bool:
    rule = PermissionRule(tool=SHELL, pattern=pattern, decision="allow")
    policy = Policy(workspace, Path.home(), Rules((rule,)))
    return policy.command(command, "read").decision == "allow"


def _host_pattern(url: str) -> str:
    try:
        found = _ROOT.match(rooted(url))
    except UrlRefused:
        return ""
    return f"{literal(found.group())}*" if found else ""


def _path_pattern(tool: str, path: str, workspace: Workspace, home: Path) -> str:
    """The folder of a file that is read; the path alone where that is too much, or a folder."""
    deed = _DEEDS.get(tool)
    real = _real(path, workspace, deed) if deed else None
    if deed is None or real is None:
        return ""
    is_wide = real.is_dir() or may_be_secret(real.parts) or _is_wide(real.parent, home)
    pattern = literal(str(real)) if is_wide else f"{literal(str(real.parent))}/*"
    rule = PermissionRule(tool=tool, pattern=pattern, decision="allow")
    answer = Policy(workspace, home, Rules((rule,))).path(path, deed, "read")
    return pattern if answer.decision == "allow" else ""


def _real(path: str, workspace: Workspace, deed: Deed) -> Path | None:
    try:
        return workspace.resolve(path, "read" if deed == "read" else "list")
    except PathOutside as outside:
        return outside.real
    except PathRefused:
        return None


def _is_wide(folder: Path, home: Path) -> bool:
    """Whether a folder holds much besides what was asked about."""
    return len(folder.parts) <= SHALLOW or home.is_relative_to(folder)
