"""Themes: TOML files turned into colours.

A :class:`Look` holds the colours by the role they play; Textual's own ``Theme`` is made from it, so
that style sheets and the transcript agree. Files are found beside the package (``themes/`` in a
checkout, ``_themes`` in a wheel) and in folders that the caller names, which win.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict
from textual.theme import Theme

from ion_core.errors import ConfigError

DEFAULT = "ion-dark"

_HERE = Path(__file__).parent
_BUNDLED = (_HERE / "_themes", _HERE.parent / "themes")
_COLOUR = re.compile("#[0-9a-fA-F]{6}")


class Palette(Struct, frozen=True, kw_only=True):
    """The page: three background steps, the greys of text, and lines between things."""

    background: str
    surface: str
    panel: str
    foreground: str
    bright: str
    muted: str
    faint: str
    border: str
    selection: str


class Roles(Struct, frozen=True, kw_only=True):
    """Colours that mean something: one accent, ok, failed, waiting, and the diff."""

    accent: str
    success: str
    error: str
    warning: str
    user_bg: str
    code: str
    code_bg: str
    diff_add: str
    diff_add_bg: str
    diff_add_word: str
    diff_del: str
    diff_del_bg: str
    diff_del_word: str
    mode_read: str
    mode_plan: str
    mode_write: str


class Syntax(Struct, frozen=True, kw_only=True):
    """Code, in answers and in diffs alike."""

    comment: str
    keyword: str
    string: str
    number: str
    function: str
    type: str
    operator: str


class Glyphs(Struct, frozen=True, kw_only=True):
    """The signs of column 0 and a few more, one cell each."""

    prompt: str = "❯"
    done: str = "●"
    failed: str = "✗"
    running: str = "○"
    thought: str = "✻"
    note: str = "·"
    bar: str = "▎"
    bullet: str = "•"
    rule: str = "─"
    more: str = "…"


class Look(Struct, frozen=True, kw_only=True):
    """A theme, ready to use. Equal looks draw equal screens."""

    name: str
    dark: bool
    palette: Palette
    roles: Roles
    syntax: Syntax
    glyphs: Glyphs

    def theme(self) -> Theme:
        """The same as a Textual theme; roles appear as ``$ion-user-bg`` and so on."""
        page, roles = self.palette, self.roles
        return Theme(
            name=self.name,
            dark=self.dark,
            primary=roles.accent,
            secondary=page.muted,
            accent=roles.accent,
            success=roles.success,
            warning=roles.warning,
            error=roles.error,
            foreground=page.foreground,
            background=page.background,
            surface=page.surface,
            panel=page.panel,
            variables=self._variables(),
        )

    def _variables(self) -> dict[str, str]:
        named = {**asdict(self.palette), **asdict(self.roles)}
        ours = {f"ion-{name.replace('_', '-')}": colour for name, colour in named.items()}
        page = self.palette
        return ours | {
            "border": page.border,
            "border-blurred": page.border,
            "block-cursor-background": self.roles.accent,
            "block-cursor-foreground": page.background,
            "input-selection-background": page.selection,
            "screen-selection-background": page.selection,
            "scrollbar": page.border,
            "scrollbar-hover": page.faint,
            "scrollbar-active": page.faint,
            "scrollbar-background": page.background,
            "scrollbar-background-hover": page.background,
            "scrollbar-background-active": page.background,
            "scrollbar-corner-color": page.background,
        }


def names(folders: Sequence[Path] = ()) -> list[str]:
    """Every theme that can be loaded, in order of name."""
    return sorted({file.stem for folder in _places(folders) for file in folder.glob("*.toml")})


@lru_cache(maxsize=32)
def load(name: str = DEFAULT, folders: tuple[Path, ...] = ()) -> Look:
    """The theme of that name; ``folders`` are searched before the bundled ones.

    Raises ``ConfigError`` for a theme that is missing or wrong, with the file's name.
    """
    return _look(_read(name, folders), _file(name, folders))


def _places(folders: Sequence[Path]) -> list[Path]:
    return [folder for folder in (*folders, *_BUNDLED) if folder.is_dir()]


def _file(name: str, folders: Sequence[Path]) -> Path:
    for folder in _places(folders):
        if (file := folder / f"{name}.toml").is_file():
            return file
    raise ConfigError(f"there is no theme {name!r}; known: {', '.join(names(folders))}")


def _read(name: str, folders: Sequence[Path], depth: int = 0) -> dict[str, Any]:
    file = _file(name, folders)
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"the theme cannot be read: {error}", file=str(file)) from error
    base = data.pop("extends", "")
    if not base or depth > 4:
        return data
    inherited = _read(base, folders, depth + 1)
    for key, value in data.items():
        inherited[key] = inherited.get(key, {}) | value if isinstance(value, dict) else value
    return inherited


def _look(data: Mapping[str, Any], file: Path) -> Look:
    return Look(
        name=str(data.get("name", file.stem)),
        dark=bool(data.get("dark", True)),
        palette=Palette(**_colours(Palette, data, "palette", file)),
        roles=Roles(**_colours(Roles, data, "roles", file)),
        syntax=Syntax(**_colours(Syntax, data, "syntax", file)),
        glyphs=Glyphs(**_glyphs(data.get("glyphs", {}), file)),
    )


def _colours(kind: type[Struct], data: Mapping[str, Any], table: str, file: Path) -> dict[str, str]:
    given: dict[str, str] = data.get(table, {})
    known = set(kind.__struct_fields__)
    if wrong := sorted(given.keys() ^ known):
        raise ConfigError(f"[{table}] {wrong[0]} is missing or unknown", file=str(file))
    for name, colour in given.items():
        if not _COLOUR.fullmatch(str(colour)):
            raise ConfigError(f"[{table}] {name} must look like #1a2b3c", file=str(file))
    return given


def _glyphs(given: Mapping[str, str], file: Path) -> dict[str, str]:
    known = Glyphs.__struct_fields__
    for name, glyph in given.items():
        if name not in known or len(glyph) != 1:
            raise ConfigError(f"[glyphs] {name} must be a known name and one cell", file=str(file))
    return dict(given)
