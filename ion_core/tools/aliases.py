"""What other agents call the tools that this one has: models were trained with many of them.

Only names and forms whose meaning is certain are here. A name that could mean two tools is not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_NAMES = {
    "bash": "executebash runcommand runshellcommand shell terminal runterminalcmd shellcommand "
    "runterminalcommand executecommand execcommand localshell exec sh runbash runinterminal",
    "read": "readfile viewfile view cat openfile fileread viewimage readfiles",
    "write": "writefile createfile writetofile create filewrite savefile newfile",
    "edit": "editfile strreplace replace replaceinfile searchreplace searchandreplace multiedit "
    "strreplacefile fileedit editexistingfile replacestringinfile",
    "apply_patch": "patch",
    "list": "listdir listdirectory listfiles ls viewdirectory readfolder",
    "grep": "grepsearch searchfilecontent searchfiles ripgrep rg textsearch searchtext",
    "todo": "todowrite todolist updateplan writetodos managetodolist",
    "web_fetch": "fetch fetchurl fetchwebpage openurl readurl urlfetch browse",
    "web_search": "searchweb googlesearch googlewebsearch",
    "glob": "findfiles filesearch globsearch findfilesbyname",
    "ask": "askuser askuserquestion askquestion askquestions askfollowupquestion requestuserinput",
    "exit_plan": "exitplanmode planexit",
}
ALIASES = {alias: name for name, aliases in _NAMES.items() for alias in aliases.split()}
"""From a :func:`bare` name to the tool that it means."""

_EDITORS = frozenset({"strreplaceeditor", "strreplacebasededit", "texteditor", "fileeditor"})
_EDITOR_COMMANDS = {"view": "read", "create": "write", "str_replace": "edit"}
_JOB_CALLS = {
    "bashoutput": "output",
    "killshell": "stop",
    "killbash": "stop",
    "listjobs": "list",
    "writestdin": "input",
}
_OWN = {"agent": "task", "notebookedit": "edit", "notebookread": "read"} | {
    name.replace("_", ""): name
    for name in ("web_fetch", "web_search", "apply_patch", "tool_search", "exit_plan")
}
_NOISE = re.compile(r"<\|.*|^to=")


def bare(name: str) -> str:
    """A name without case, separators, the marks of chat templates and the word "tool"."""
    letters = re.sub(r"[\W_]", "", _NOISE.sub("", name)).casefold()
    return letters.removesuffix("tool") or letters


def translated(name: str, arguments: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """A call of an editor with several commands, as a call of the tool that does it, and one of
    several tools for jobs as one of the tool that has them all; any other call as it is."""
    if action := _JOB_CALLS.get(bare(name.rpartition(".")[2])):
        return "job", {"action": action, **arguments}
    if bare(name.rpartition(".")[2]) not in _EDITORS:
        return name, arguments
    tool = _EDITOR_COMMANDS.get(str(arguments.get("command")))
    if tool is None:
        return name, arguments
    return tool, {key: value for key, value in arguments.items() if key != "command"}


def misspelt(asked: str, own: str) -> bool:
    """Whether ``asked`` is ``own`` with one letter more, one less, or two of them swapped."""
    if min(len(asked), len(own)) < 4 or abs(len(asked) - len(own)) > 1:
        return False
    longer, shorter = (asked, own) if len(asked) > len(own) else (own, asked)
    if len(longer) > len(shorter):
        return any(longer[:i] + longer[i + 1 :] == shorter for i in range(len(longer)))
    pairs = [i for i in range(len(own)) if asked[i] != own[i]]
    return len(pairs) == 2 and pairs[1] == pairs[0] + 1 and sorted(asked) == sorted(own)


def meant(name: str) -> str:
    """ion's name for a tool that is written down as other agents call it; names of servers' tools
    and patterns as they are."""
    if name.startswith("mcp__") or any(mark in name for mark in "*?["):
        return name
    plain = bare(name)
    if plain in _EDITORS:
        return "edit"
    return ALIASES.get(plain) or _OWN.get(plain, name.lower())
