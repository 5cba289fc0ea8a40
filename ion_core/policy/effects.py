"""What a command may do that a person should think of before they allow it: short warnings.

A look at the words, not a proof: no warning is no promise of harmlessness. Every place where a
command may begin is looked at, also where the line as a whole is not understood.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Final

from ion_core.policy.base import Unproved
from ion_core.policy.rules import suspects
from ion_core.policy.shell.options import names
from ion_core.tools.paths import Workspace

LONGEST: Final = 10_000
"""Characters that are looked at; whoever approves more has a warning of its own."""

_ANYWHERE: Final[dict[str, re.Pattern[str]]] = {
    "deletes files": re.compile(
        r"(rm|rmdir|unlink|shred|srm|wipe|trash|truncate)\b|find\b.* -delete\b|git (clean|rm)\b"
        r"|rsync\b.* --delete|dd\b.* of=|mkfs|docker \w* ?(prune|rm)\b|git reset .*--hard"
        r"|git (checkout|restore)\b.* (--|\.)( |$)|git stash (drop|clear)"
    ),
    "uses the network": re.compile(
        r"(curl|wget|ssh|scp|sftp|rsync|nc|ncat|netcat|socat|telnet|ftp|dig|nslookup|host|ping"
        r"|traceroute|aria2c|http|https|xh|gh|glab|aws|gcloud|az|kubectl|helm|psql|mysql|redis-cli"
        r"|mongosh?|w3m|lynx|yt-dlp|openssl s_client)( |$)"
        r"|git (fetch|pull|push|clone|ls-remote|remote (update|show)|submodule (add|update))\b"
        r"|docker (pull|push|build|run|login|compose)\b|(npm|pnpm|yarn) (publish|audit|login)\b"
        r"|(twine|cargo publish|go get|go mod (download|tidy))\b"
    ),
    "runs as another user": re.compile(r"(sudo|doas|su|pkexec|runuser|run0|gosu)( |$)"),
    "changes git history": re.compile(
        r"git (commit\b.* --amend|rebase|reset|filter-branch|filter-repo|cherry-pick|revert|merge"
        r"|update-ref|replace|reflog (expire|delete)|branch\b.* -[dDmM]|tag\b.* -d"
        r"|push\b.* (-f|--force|--mirror|--delete|\+))"
    ),
    "changes a git remote": re.compile(r"git (push|remote (add|set-url|rm|remove|rename))\b"),
    "installs packages": re.compile(
        r"(pip3?|uv pip|uv tool|pipx|npm|pnpm|bun|gem|bundle|cargo|go|brew|apt|apt-get|dnf|yum|apk"
        r"|conda|mamba|poetry|pdm|uv|composer|pacman|snap|flatpak|nix-env|port|dpkg|rpm)"
        r" (\S+ ){0,4}?(install|add|sync|update|upgrade|i|ci|-S\w*|-U|-i|require|ensurepath)( |$)"
        r"|(python3?|\S*/python3?) -m (pip|ensurepip)\b|(npx|bunx|uvx)\b"
        r"|yarn( (add|install|up|upgrade|global|dlx)\b|$)"
    ),
    "ends processes": re.compile(r"(kill|pkill|killall|xkill|shutdown|reboot|halt|systemctl) "),
    "changes permissions": re.compile(r"(chmod|chown|chgrp|setfacl|setcap)\b"),
}
_FETCHED: Final = re.compile(
    r"\b(curl|wget)\b[^;&]*\|\s*(sudo\s+)?(ba|z|da|k|fi)?sh\b|<\(\s*(curl|wget)"
)
_REDIRECTED: Final = re.compile(r">{1,2}\|?&?\s*[\"']?([^\s\"'&;|()<>]+)")
_WRITERS: Final = names(
    "cp mv rm rmdir tee touch mkdir ln install dd truncate chmod chown chgrp sed unzip tar rsync "
    "patch split shred unlink"
)
_PASSING: Final = ("/dev/", "/tmp/", "/proc/self/fd/")


def effects_of(command: str, workspace: Workspace) -> tuple[str, ...]:
    """Warnings about a command line, each a few words; empty when none comes to mind."""
    text = command[:LONGEST]
    try:
        said = suspects(text)
    except Unproved:
        return ("may run anything",)
    found = [what for what, where in _ANYWHERE.items() if any(map(where.match, said))]
    if _FETCHED.search(text):
        found.append("runs what it downloads")
    if any(_is_outside(path, workspace) for path in _written(text, said)):
        found.append("writes outside the project")
    return tuple(found)


def _written(text: str, said: list[str]) -> Iterator[str]:
    """The paths that seem to be written: behind redirections, and given to programs that write."""
    for found in _REDIRECTED.finditer(text):
        yield found[1]
    for piece in said:
        name, *words = piece.split(" ")
        if name in _WRITERS:
            yield from (word.partition("=")[2] if "=" in word else word for word in words)


def _is_outside(path: str, workspace: Workspace) -> bool:
    if path.startswith(("-", "$(", "/dev/null")) or path.startswith(_PASSING):
        return False
    if path.startswith(("~", "$HOME", "${HOME")):
        return True
    real = os.path.normpath(os.path.join(workspace.root, path))
    return not (real + "/").startswith(f"{workspace.root}/")
