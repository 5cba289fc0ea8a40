"""Names that file tools leave alone, wherever the workspace is.

Writing some files would change what git, ion, an editor or a shell runs later; reading others
would show keys. Names are compared as the most forgiving file system would: case folded, without
code points that HFS+ ignores, and by their 8.3 aliases.
"""

from __future__ import annotations

import re

_STEERING_FOLDERS = frozenset({".git", ".ion", ".vscode", ".idea"})
_STEERING_FILES = frozenset(
    {".bash_login", ".bash_logout", ".bash_profile", ".bashrc", ".profile"}
    | {".zlogin", ".zprofile", ".zshenv", ".zshrc"}
    | {".exrc", ".vimrc", ".nvimrc", ".nvim.lua", ".emacs", ".dir-locals.el", ".inputrc"}
    | {".tmux.conf", ".envrc", ".gitconfig", ".gitmodules", ".mcp.json", ".ripgreprc"}
)
_CLAUDE_PARTS = frozenset({"agents", "commands", "settings.json", "settings.local.json"})
_SECRETS = frozenset({".aws", ".gnupg", ".netrc", ".ssh"})
_KERNEL_FOLDERS = frozenset({"dev", "proc", "sys"})

# The code points that HFS+ leaves out of a comparison, as git lists them (utf8.c, CVE-2014-9390).
_IGNORED = "[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]"


def _folded(name: str) -> str:
    plain = re.sub(_IGNORED, "", name).casefold().rstrip(" .")
    return re.sub(r"^(git|ion)~\d+$", r".\1", plain)


def is_kernel_path(path: str) -> bool:
    """Whether an absolute path is in ``/proc``, ``/sys`` or ``/dev``."""
    return path.split("/", 2)[1] in _KERNEL_FOLDERS


def holds_secrets(names: tuple[str, ...]) -> bool:
    """Whether a path with these components is, or is below, a usual place of keys."""
    folded = [_folded(name) for name in names]
    # What was moved aside (auth.json.broken-…) holds keys as well.
    is_own = "auth.json" in "".join(folded[-1:]) and folded[-2:-1] in ([".ion"], ["ion"])
    return is_own or not _SECRETS.isdisjoint(folded)


def guards_write(names: tuple[str, ...]) -> str:
    """Why a file below these components may not be written, or nothing. ``names`` are relative to
    the workspace."""
    folded = [_folded(name) for name in names]
    for name in folded:
        if name in _STEERING_FOLDERS:
            return f"{name} steers what other programs do; a person changes it."
    if folded and folded[-1] in _STEERING_FILES:
        return f"{folded[-1]} is run or obeyed by other programs; a person changes it."
    if ".claude" in folded and _CLAUDE_PARTS.intersection(folded):
        return ".claude steers agents; a person changes it."
    return ""
