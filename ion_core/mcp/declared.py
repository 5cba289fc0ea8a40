"""Which servers there are: those of the configuration, and of ``.mcp.json`` in a trusted project.

The configuration wins over ``.mcp.json``. What is wrong with one server is told with its name, and
the others are used all the same.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ion_core.config.extension_schema import McpServerSettings
from ion_core.config.schema import Settings

if TYPE_CHECKING:
    from ion_core.config.origins import Origins

FILE: Final = ".mcp.json"
CONFIG: Final = "config.toml"

_VARIABLE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}")
_SECRET: Final = re.compile(
    r"(?i)key|token|secret|passw|credential|auth|cookie|session|dsn|conn.*str"
)
"""Variables that a project's file is not given: whoever wrote it could send them anywhere."""
_KNOWN: Final = frozenset({"command", "args", "env", "cwd", "url", "type", "headers"})
_TYPES: Final = {"streamable-http": "http", "streamable_http": "http", "streamableHttp": "http"}


class Declared(Struct, frozen=True, kw_only=True):
    """A server as somebody wrote it down. ``source`` is where; ``shadowed``: another one of the
    same name is used; ``problem`` is why it cannot be used, empty when it can."""

    name: str
    settings: McpServerSettings
    source: str
    shadowed: bool = False
    problem: str = ""

    @property
    def usable(self) -> bool:
        return self.settings.enabled and not self.shadowed and not self.problem

    def place(self, origins: Origins) -> str:
        """The file where it stands, and of the configuration the line."""
        return origins.server(self.name) if self.source == CONFIG else self.source


def declared(
    settings: Settings,
    project: Path,
    *,
    trusted: bool,
    env: Mapping[str, str],
    more: Sequence[Path] = (),
) -> tuple[Declared, ...]:
    """Every server, the shadowed ones too, in the order of their names. ``more`` are further files
    in the form of ``.mcp.json`` that the person named."""
    found: dict[str, Declared] = {}
    shadowed: list[Declared] = []
    files: list[tuple[Path, re.Pattern[str] | None]] = [(file, None) for file in more]
    if trusted and settings.claude_compat:
        files.append((project / FILE, _SECRET))
    of_files = (one for file, secret in files for one in read(file, env, secret))
    of_config = (
        Declared(name=name, settings=server, source=CONFIG)
        for name, server in settings.mcp_servers.items()
    )
    named = list(of_files)
    first = [one for one in named if one.source != str(project / FILE)]
    last = [one for one in named if one.source == str(project / FILE)]
    for one in (*first, *of_config, *last):
        if one.name in found:
            shadowed.append(replace(one, shadowed=True))
        else:
            found[one.name] = one
    return tuple(sorted((*found.values(), *shadowed), key=lambda one: (one.name, one.shadowed)))


def read(
    file: Path, env: Mapping[str, str], secret: re.Pattern[str] | None = None
) -> Iterator[Declared]:
    """The servers of one file; none when it is not there. Variables in it (``${NAME}``,
    ``${NAME:-default}``) are filled in, but for those whose names are ``secret``."""
    try:
        text = file.read_text("utf-8-sig")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        yield _broken(FILE, file, f"cannot be read: {error}")
        return
    try:
        found = msgspec.json.decode(text)
    except msgspec.DecodeError as error:
        yield _broken(FILE, file, f"is no JSON: {error}{_line(text, str(error))}")
        return
    servers = found.get("mcpServers", found.get("servers")) if isinstance(found, dict) else None
    if not isinstance(servers, dict):
        yield _broken(FILE, file, 'has no "mcpServers"')
        return
    for name, values in servers.items():
        yield _one(str(name), values, file, env, secret)


def _one(
    name: str, values: Any, file: Path, env: Mapping[str, str], secret: re.Pattern[str] | None
) -> Declared:
    if not isinstance(values, dict):
        return _broken(name, file, "is no table")
    missing: list[str] = []
    known = {key: value for key, value in values.items() if key in _KNOWN}
    filled = _filled(known, env, secret, missing)
    filled["type"] = _TYPES.get(str(filled.get("type", "")), filled.get("type", ""))
    filled["enabled"] = not values.get("disabled", False)
    try:
        server = msgspec.convert(filled, McpServerSettings)
    except msgspec.ValidationError as error:
        return _broken(name, file, str(error))
    if bool(server.command) == bool(server.url):
        return _broken(name, file, "needs either command or url")
    if missing:
        why = "which is not set"
        if secret is not None and secret.search(missing[0]):
            why = "which no project's file is given: write it into your own (ion mcp add)"
        return _broken(name, file, f"needs the variable {missing[0]}, {why}", server)
    return Declared(name=name, settings=server, source=str(file))


def _filled(
    value: Any, env: Mapping[str, str], secret: re.Pattern[str] | None, missing: list[str]
) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, env, secret, missing) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, env, secret, missing) for item in value]
    if not isinstance(value, str):
        return value

    def known(found: re.Match[str]) -> str:
        name, default = found[1], found[2]
        is_kept = secret is not None and secret.search(name) is not None
        said = None if is_kept else env.get(name)
        if said is None and default is None:
            missing.append(name)
        return said if said is not None else default or ""

    return _VARIABLE.sub(known, value)


def _broken(
    name: str, file: Path, problem: str, server: McpServerSettings | None = None
) -> Declared:
    said = problem if name != FILE else f"{file} {problem}"
    return Declared(
        name=name, settings=server or McpServerSettings(), source=str(file), problem=said
    )


def _line(text: str, error: str) -> str:
    """Where a decoder stopped, as a line."""
    at = re.search(r"byte (\d+)", error)
    if at is None:
        return ""
    before = os.fsencode(text)[: int(at[1])]
    line = before.count(b"\n") + 1
    return f" (line {line})"
