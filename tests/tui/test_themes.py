"""Themes are data: complete, legible, and refused with a sentence when they are wrong."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from msgspec.structs import asdict

from ion_core.errors import ConfigError
from ion_tui import themes

BUNDLED = themes.names()


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def pairs(look: themes.Look) -> list[tuple[str, str, str]]:
    """Every text colour with every background that it is drawn on."""
    page, role = look.palette, look.roles
    greys = [page.foreground, page.bright, page.muted, page.faint]
    meanings = [role.accent, role.success, role.error, role.warning, role.code]
    meanings += [role.mode_read, role.mode_plan, role.mode_write]
    found = [
        ("page", text, back)
        for back in (page.background, page.surface, page.panel)
        for text in greys + meanings
    ]
    for back in (role.diff_add_bg, role.diff_del_bg, role.code_bg):
        found += [("code", text, back) for text in asdict(look.syntax).values()]
        found.append(("code", page.foreground, back))
    found += [("page", text, page.background) for text in asdict(look.syntax).values()]
    found += [("word", page.bright, back) for back in (role.diff_add_word, role.diff_del_word)]
    found += [("sign", role.diff_add, role.diff_add_bg), ("sign", role.diff_del, role.diff_del_bg)]
    found += [("user", text, role.user_bg) for text in (page.bright, role.accent)]
    found += [("selected", page.foreground, page.selection)]
    return found


@pytest.mark.parametrize("name", BUNDLED)
def test_every_text_of_a_theme_has_enough_contrast(name: str) -> None:
    poor = [
        (where, text, back, round(contrast(text, back), 2))
        for where, text, back in pairs(themes.load(name))
        if contrast(text, back) < 4.5
    ]
    assert poor == []


@pytest.mark.parametrize("name", BUNDLED)
def test_the_three_surfaces_are_small_even_steps_apart(name: str) -> None:
    page = themes.load(name).palette
    grey = [sum(int(c[at : at + 2], 16) for at in (1, 3, 5)) / 765 for c in
            (page.background, page.surface, page.panel)]  # fmt: skip
    assert all(0.02 < abs(b - a) < 0.06 for a, b in pairwise(grey))


def test_dark_and_light_come_with_ion() -> None:
    assert {"ion-dark", "ion-light"} <= set(BUNDLED)
    assert themes.load("ion-dark").dark
    assert not themes.load("ion-light").dark


def test_a_textual_theme_carries_the_roles_as_variables() -> None:
    look = themes.load("ion-dark")
    theme = look.theme()
    assert theme.background == look.palette.background
    assert theme.variables["ion-user-bg"] == look.roles.user_bg


def test_a_user_theme_may_extend_a_bundled_one(tmp_path: Path) -> None:
    text = 'name = "mine"\nextends = "ion-dark"\n[roles]\naccent = "#ff00ff"\n'
    (tmp_path / "mine.toml").write_text(text)
    mine = themes.load("mine", (tmp_path,))
    assert mine.roles.accent == "#ff00ff"
    assert mine.palette == themes.load("ion-dark").palette
    assert "mine" in themes.names((tmp_path,))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("not toml", "cannot be read"),
        ('extends = "ion-dark"\n[roles]\naccent = "red"', "accent must look like"),
        ('extends = "ion-dark"\n[roles]\nacent = "#ffffff"', "acent is missing or unknown"),
        ('extends = "ion-dark"\n[glyphs]\ndone = "long"', "done must be"),
    ],
)
def test_a_wrong_theme_is_refused_with_its_file(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "wrong.toml").write_text(text)
    with pytest.raises(ConfigError, match=said) as caught:
        themes.load("wrong", (tmp_path,))
    assert "wrong.toml" in str(caught.value)


def test_an_unknown_theme_names_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="ion-dark, ion-light"):
        themes.load("nosuch")
