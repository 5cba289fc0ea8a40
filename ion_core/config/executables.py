"""What a trusted folder would execute: hooks, MCP servers, their scripts, and those of skills.

Each is a name and a line that says it whole, without values of environment variables, and of a
script its text below; two lists of them tell what changed. Only folders that the person trusts, or
is just about to, are opened.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from ion_core.config.paths import project_root

_TOML: Final = (".ion/config.toml", ".ion/config.local.toml")
_JSON: Final = (".mcp.json", ".claude/settings.json", ".claude/settings.local.json")
_SKILLS: Final = (".ion/skills", ".claude/skills", ".agents/skills")
MOST_SCRIPTS: Final = 500
"""Files of skills that are looked at; more than anybody has."""
MOST_TEXT, MOST_TEXTS = 4_000, 48_000
"""Characters of one script and of all whose text is kept: decisions are read at each start."""
MOST_LINES = 40
"""Lines that are told of one script."""
_PROJECT: Final = re.compile(r"\$\{?(?:CLAUDE_PROJECT_DIR|ION_PROJECT_DIR|PWD)\}?")


def executables(folder: Path) -> dict[str, str]:
    """What the folder, and the project around it, would execute: name → line."""
    found: dict[str, str] = {}
    for root in _roots(folder):
        for name in _TOML:
            found.update(_declared(f"{root / name}", _toml(root / name)))
        for name in _JSON:
            found.update(_declared(f"{root / name}", _json(root / name)))
        named = [file for line in found.values() for file in _named(line, root)]
        left = MOST_TEXTS
        for file in dict.fromkeys((*_scripts(root), *named)):
            found[str(file)] = said = _said(file, left)
            left -= len(said)
    return found


def state_of(folder: Path, known: Iterable[str] = ()) -> str:
    """A few characters that differ when one of the files differs that ``executables`` reads, or
    one of the ``known`` names that it gave. Costs a handful of stats."""
    state: list[tuple[str, int, int, int]] = []
    for root in _roots(folder):
        files = (*(root / name for name in (*_TOML, *_JSON)), *_scripts(root))
        for file in dict.fromkeys((*map(str, files), *known)):
            try:
                status = os.stat(file)
            except (OSError, ValueError):
                continue
            state.append((file, status.st_mtime_ns, status.st_size, status.st_ino))
    return hashlib.blake2b(repr(state).encode("utf-8", "replace"), digest_size=12).hexdigest()


def differences(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[str, ...]:
    """What would be executed otherwise: a line for what went and for what is new, of a script the
    lines that differ. Nothing where things only went."""
    if all(before.get(name) == text for name, text in now.items()):
        return ()
    names = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
    return tuple(line for name in names for line in _changed(before.get(name), now.get(name)))


def _changed(before: str | None, now: str | None) -> Iterator[str]:
    import difflib  # start-up: when something changed

    old, new = (before or "").splitlines(), (now or "").splitlines()
    lines = [line for line in difflib.ndiff(old, new) if line.startswith(("- ", "+ "))]
    yield from lines[:MOST_LINES]
    if len(lines) > MOST_LINES:
        yield f"+ … {len(lines) - MOST_LINES} lines more"


def _roots(folder: Path) -> tuple[Path, ...]:
    root = project_root(folder, folder)
    return (folder,) if root == folder else (folder, root)


def _declared(file: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Hooks and servers of one file, whichever of the known shapes it has."""
    hooks = values.get("hooks")
    pairs = hooks.items() if isinstance(hooks, dict) else enumerate(hooks or ())
    for key, hook in pairs if isinstance(hooks, dict | list) else ():
        yield f"{file} hook {key}", f"hook of {file}: {_line(hook)}"
    for table in ("mcp_servers", "mcpServers"):
        servers = values.get(table)
        for name, server in servers.items() if isinstance(servers, dict) else ():
            yield f"{file} server {name}", f"MCP server {name} of {file}: {_line(server)}"


def _line(value: Any) -> str:
    """A declaration on one line; of environment and headers the names alone."""
    if isinstance(value, dict):
        value = {
            key: sorted(item) if key in ("env", "headers") and isinstance(item, dict) else item
            for key, item in value.items()
        }
    return msgspec.json.encode(value, enc_hook=str, order="deterministic").decode()


def _toml(file: Path) -> Mapping[str, Any]:
    import tomllib  # start-up: when a file changed

    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}


def _json(file: Path) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(file.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _scripts(root: Path) -> list[Path]:
    """The files of skills but their descriptions, in a fixed order."""
    found: list[Path] = []
    for name in _SKILLS:
        for folder, folders, files in os.walk(root / name):
            folders.sort()
            found += [Path(folder, file) for file in sorted(files) if not file.endswith(".md")]
            if len(found) >= MOST_SCRIPTS:
                return found[:MOST_SCRIPTS]
    return found


def _named(line: str, root: Path) -> Iterator[Path]:
    """The files in the project that a declaration names in its words."""
    for word in re.split(r"""[\s"'\\;|&<>()\[\],{}]+""", _PROJECT.sub(str(root), line)):
        if ("/" in word or "." in word) and "://" not in word:
            file = root / word
            if file.is_file() and file.resolve().is_relative_to(root.resolve()):
                yield file


def _said(file: Path, room: int) -> str:
    """A line that differs when the file does, and its text where it is short."""
    line = f"{file} {_digest(file)}"
    try:
        text = file.read_text(encoding="utf-8") if file.stat().st_size <= MOST_TEXT else ""
    except (OSError, ValueError):
        text = ""
    return f"{line}\n{text}" if text and len(text) <= room else line


def _digest(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
    except OSError:
        return "unreadable"
