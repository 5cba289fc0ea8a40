"""Tools and their arguments by the names that Claude Code has for them, and matchers over both.

A hook that was written for Claude Code is told ``Edit`` with ``file_path``; one of ion's own is
told ``edit`` with ``path``. A matcher may use either name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

CLAUDE: Final[Mapping[str, str]] = {
    "bash": "Bash",
    "read": "Read",
    "write": "Write",
    "edit": "Edit",
    "apply_patch": "MultiEdit",
    "grep": "Grep",
    "glob": "Glob",
    "list": "LS",
    "web_fetch": "WebFetch",
    "web_search": "WebSearch",
    "todo": "TodoWrite",
    "ask": "AskUserQuestion",
    "exit_plan": "ExitPlanMode",
    "task": "Task",
    "skill": "Skill",
    "job": "BashOutput",
}
_ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "edit": ("MultiEdit", "NotebookEdit"),
    "apply_patch": ("Edit", "edit", "Write", "write"),
    "task": ("Agent",),
    "job": ("KillShell", "KillBash"),
}
_PLAIN: Final = re.compile(r"[\w-]*")


def called(tool: str) -> tuple[str, ...]:
    """Every name that a matcher may have for a tool, ion's own first."""
    return (tool, *([CLAUDE[tool]] if tool in CLAUDE else []), *_ALSO.get(tool, ()))


def matches(matcher: str, matched: str) -> bool:
    """Whether a matcher is about something: nothing and ``*`` about everything, a plain name about
    that, names with ``|`` or commas between them about each, anything else is a regular expression
    for the whole of it."""
    if matcher.strip() in ("", "*"):
        return True
    names = called(matched)
    parts = [part.strip() for part in re.split(r"[|,]", matcher)]
    if all(_PLAIN.fullmatch(part) for part in parts):
        return any(part in names for part in parts)
    try:
        pattern = re.compile(matcher)
    except re.error:
        return matcher in names
    return any(pattern.fullmatch(name) for name in names)


def fits(when: str, tool: str, gist: str) -> bool:
    """Whether a call is one that ``Bash(git push *)`` means; nothing means every call."""
    if not when.strip():
        return True
    name, has_pattern, rest = when.strip().partition("(")
    if not matches(name, tool):
        return False
    pattern = rest.rstrip(")").replace(":*", "*")
    return not has_pattern or pattern in ("", "*") or fnmatchcase(gist, pattern)


_OF_FILES = ("read", "write", "edit", "apply_patch")
_EDIT = ("old_string", "new_string", "replace_all")


def claude_input(tool: str, given: Mapping[str, Any], cwd: str) -> dict[str, Any]:
    """The arguments of a call as Claude Code names them, ion's own beside them."""
    told = dict(given)
    if isinstance(path := given.get("path"), str) and tool in _OF_FILES:
        told["file_path"] = os.path.join(cwd, os.path.expanduser(path))
    edits = given.get("edits")
    if tool == "edit" and isinstance(edits, list) and edits and isinstance(edits[0], dict):
        told |= {name: edits[0].get(name) for name in ("old_string", "new_string")}
        told["replace_all"] = bool(edits[0].get("replace_all", False))
    if tool == "bash" and isinstance(limit := given.get("timeout_s"), int | float):
        told["timeout"] = round(limit * 1000)
    if tool == "todo" and "items" in given:
        told["todos"] = given["items"]
    return told


def own_input(
    tool: str, updated: Mapping[str, Any], given: Mapping[str, Any], cwd: str
) -> dict[str, Any]:
    """Arguments that a hook gave back of those that were ``given``, as ion names them. What it left
    as it was told stays as it was given."""
    told = claude_input(tool, given, cwd)
    changed = {name: v for name, v in updated.items() if name not in told or told[name] != v}
    own = {name: value for name, value in given.items() if name in updated}
    own |= changed
    edit = {name: own.pop(name) for name in _EDIT if name in changed and tool == "edit"}
    if tool == "apply_patch":  # its files stand in the patch
        return {name: value for name, value in own.items() if name not in ("path", "file_path")}
    if tool in _OF_FILES and "file_path" in changed:
        own["path"] = own.pop("file_path")
    if edit and "edits" not in changed:
        first, *rest = given.get("edits") or [{}]
        own["edits"] = [dict(first) | edit, *rest]
    if tool == "bash" and "timeout" in changed:
        own["timeout_s"] = max(1, round(float(own.pop("timeout")) / 1000))
    if tool == "todo" and "todos" in changed:
        own["items"] = own.pop("todos")
    return own


def file_of(given: Mapping[str, Any], cwd: str) -> str:
    """The file that a call is about, empty when it is about none or several."""
    path = given.get("path") or given.get("file_path")
    return os.path.join(cwd, os.path.expanduser(path)) if isinstance(path, str) and path else ""
