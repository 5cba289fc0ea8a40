"""The styles that rows are drawn with, made once from a theme.

Every ink carries its background, so that a row looks the same wherever it is cropped. Renderers ask
for an ink by the role of the text, never for a colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from msgspec.structs import asdict
from rich.style import Style

from ion_tui.themes import Glyphs, Look


@dataclass(frozen=True, kw_only=True)
class Inks:
    """One style for each role of text. ``on`` moves any of them to another background."""

    page: Style
    bright: Style
    muted: Style
    faint: Style
    line: Style
    accent: Style
    success: Style
    error: Style
    warning: Style
    code: Style
    user: Style
    code_page: Style
    added: Style
    added_sign: Style
    added_word: Style
    deleted: Style
    deleted_sign: Style
    deleted_word: Style
    syntax: dict[str, Style]
    glyphs: Glyphs

    def __hash__(self) -> int:
        return id(self)


@lru_cache(maxsize=8)
def inks(look: Look) -> Inks:
    """The inks of a theme."""
    page, role = look.palette, look.roles
    back = page.background
    return Inks(
        page=_ink(page.foreground, back),
        bright=_ink(page.bright, back, bold=True),
        muted=_ink(page.muted, back),
        faint=_ink(page.faint, back),
        line=_ink(page.border, back),
        accent=_ink(role.accent, back),
        success=_ink(role.success, back),
        error=_ink(role.error, back),
        warning=_ink(role.warning, back),
        code=_ink(role.code, back),
        user=_ink(page.bright, role.user_bg),
        code_page=_ink(page.foreground, role.code_bg),
        added=_ink(page.foreground, role.diff_add_bg),
        added_sign=_ink(role.diff_add, role.diff_add_bg),
        added_word=_ink(page.bright, role.diff_add_word),
        deleted=_ink(page.foreground, role.diff_del_bg),
        deleted_sign=_ink(role.diff_del, role.diff_del_bg),
        deleted_word=_ink(page.bright, role.diff_del_word),
        syntax={name: Style(color=colour) for name, colour in asdict(look.syntax).items()},
        glyphs=look.glyphs,
    )


def _ink(colour: str, background: str, *, bold: bool = False) -> Style:
    return Style(color=colour, bgcolor=background, bold=bold or None)
