"""What ``ion init`` and ``/init`` write: instructions from the repository, and a configuration.

The instructions are written by the agent itself, from a prompt; the configuration is an example in
comments, with the formatters of the languages that are there, all of it off.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ion_core.errors import ConfigError

FILE: Final = "AGENTS.md"
CONFIG: Final = ".ion/config.toml"

PROMPT: Final = """\
Write AGENTS.md for this repository: what a coding agent that has never seen it must know.

Look first: the README, the build files, the CI configuration, the layout, some code and some tests.
Then write AGENTS.md at the top of the repository, at most 60 lines:
- one line on what this is;
- the exact commands to build, to test (also a single test), to lint and to format, tried out where
  that is harmless;
- how the code is laid out, in a few lines;
- conventions that are not obvious from one file: names, errors, tests, what must not be touched.
Leave out what any agent knows, what the code says at a glance, and what you could not find out.
"""
BETTER: Final = """\
There is an AGENTS.md already. Read it first. Keep what is right in its own words, mend what is
wrong or missing, and make it no longer than it must be.
"""

_FORMATTERS: Final = {
    (".py",): ("ruff", "format", "$ION_FILE"),
    (".go",): ("gofmt", "-w", "$ION_FILE"),
    (".rs",): ("rustfmt", "$ION_FILE"),
    (".ts", ".tsx", ".js", ".jsx", ".css", ".json"): ("npx", "prettier", "--write", "$ION_FILE"),
    (".c", ".cc", ".cpp", ".h", ".hpp"): ("clang-format", "-i", "$ION_FILE"),
    (".rb",): ("rubocop", "-A", "$ION_FILE"),
    (".sh",): ("shfmt", "-w", "$ION_FILE"),
}
_LOOKED_AT: Final = 5_000
_HEAD: Final = """\
# ion in this project; `ion config schema` lists every key. Keys, addresses and the mode belong into
# ~/.ion/config.toml and are ignored here.

# model = "anthropic/claude-sonnet-5"
# [permissions]
# rules = [{ tool = "bash", pattern = "git push *", decision = "ask" }]
# [mcp_servers.docs]
# url = "https://example.com/mcp"
"""


def prompt_for(folder: Path, *, force: bool) -> str:
    """What the agent is asked. Raises ``ConfigError`` for a file that is there, unless it is to be
    improved."""
    if not (folder / FILE).exists():
        return PROMPT
    if not force:
        raise ConfigError(f"There is an {FILE} already. To have it improved: --force")
    return PROMPT + BETTER


def write_config(folder: Path) -> Path | None:
    """The example, written; None where there is a configuration. Blocking. Raises ``OSError``."""
    path = folder / CONFIG
    if path.exists():
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_HEAD + "".join(_hooks(folder)), encoding="utf-8")
    return path


def _hooks(folder: Path) -> Iterator[str]:
    """Formatters for what is in the folder, as comments."""
    found = _endings(folder)
    for endings, command in _FORMATTERS.items():
        if found.isdisjoint(endings):
            continue
        words = ", ".join(f'"{word}"' for word in command)
        yield (
            f"\n# Format {', '.join(endings)} after each change (remove the # to switch it on):\n"
            '# [[hooks]]\n# event = "PostToolUse"\n# matcher = "write|edit"\n'
            f"# command = [{words}]\n"
        )


def _endings(folder: Path) -> frozenset[str]:
    """The endings of the files there, hidden folders and installed packages left out."""
    found: set[str] = set()
    count = 0
    for _, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if not f.startswith(".") and f != "node_modules"]
        found.update(os.path.splitext(name)[1] for name in files)
        count += len(files)
        if count > _LOOKED_AT:
            break
    return frozenset(found)
