"""The environment of child processes: built from a list of allowed names, never inherited.

Keys and tokens of the person, and variables that make a program load other code, never reach a
command that a model wrote.
"""

from __future__ import annotations

from collections.abc import Mapping

_ALLOWED = frozenset(
    {"HOME", "USER", "LOGNAME", "SHELL", "LANG", "LANGUAGE", "TZ", "TMPDIR", "COLUMNS", "CI"}
)
_USUAL_PATH = "/usr/local/bin:/usr/bin:/bin"


def child_environment(
    source: Mapping[str, str], *, cwd: str, more: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What of ``source`` (usually ``os.environ``) a child in ``cwd`` may see, and ``more``, which
    a person named. No colours, no pager, a ``PATH`` of absolute folders only."""
    kept = {n: v for n, v in source.items() if n in _ALLOWED or n.startswith("LC_")}
    folders = [f for f in source.get("PATH", _USUAL_PATH).split(":") if f.startswith("/")]
    fixed = {
        "PATH": ":".join(folders) or _USUAL_PATH,
        "PWD": cwd,
        "TERM": "dumb",
        "NO_COLOR": "1",
        "PAGER": "cat",
        "GIT_PAGER": "cat",
    }
    return {**kept, **fixed, **(more or {})}
