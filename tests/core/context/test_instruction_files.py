"""Which instruction files hold in a folder, and what of them is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ion_core.context.grounds import Grounds, user_files
from ion_core.context.imports import imports, without_comments
from ion_core.context.instructions import ALL_BYTES, FILE_BYTES, Reader
from ion_core.context.rules import fits, split

NAMES = ("AGENTS.override.md", "AGENTS.md", "CLAUDE.md", "GEMINI.md")


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def _grounds(
    tmp: Path, cwd: Path, *, trusted: bool = True, names: tuple[str, ...] = NAMES
) -> Grounds:
    person = tmp / "person"
    users = user_files(person / ".ion", {"HOME": str(person)})[1:]
    return Grounds(cwd=cwd, users=users, names=names, person=person, trusted=trusted)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    root = tmp_path / "repo"
    (root / ".git").mkdir(parents=True)
    (root / "app/web").mkdir(parents=True)
    return root


def _said(grounds: Grounds) -> dict[str, str]:
    return Reader(grounds).read(grounds.found())


def test_the_person_speaks_first_and_the_nearest_folder_last(tmp_path: Path, repo: Path) -> None:
    person = tmp_path / "person"
    for place in (".ion", ".config/agents", ".agents"):
        _write(person / place / "AGENTS.md", place)
    _write(tmp_path / "AGENTS.md", "above the repository")
    _write(repo / "AGENTS.md", "root")
    _write(repo / "AGENTS.local.md", "mine")
    _write(repo / "app/CLAUDE.md", "app")
    _write(repo / "app/GEMINI.md", "not this one")
    _write(repo / "app/web/AGENTS.override.md", "web")
    _write(repo / "app/web/AGENTS.md", "overridden")
    assert list(_said(_grounds(tmp_path, repo / "app/web")).items()) == [
        ("~/.ion/AGENTS.md", ".ion"),
        ("~/.config/agents/AGENTS.md", ".config/agents"),
        ("~/.agents/AGENTS.md", ".agents"),
        ("../../AGENTS.md", "root"),
        ("../../AGENTS.local.md", "mine"),
        ("../CLAUDE.md", "app"),
        ("AGENTS.override.md", "web"),
    ]


def test_nothing_of_an_untrusted_folder_is_read(tmp_path: Path, repo: Path) -> None:
    _write(repo / "AGENTS.md", "obey")
    _write(repo / ".ion/rules/all.md", "obey")
    _write(tmp_path / "person/.ion/AGENTS.md", "see @/etc/hostname and mine")
    grounds = _grounds(tmp_path, repo, trusted=False)
    assert _said(grounds) == {"~/.ion/AGENTS.md": "see @/etc/hostname and mine"}
    assert not _grounds(tmp_path, repo, names=()).found()


def test_a_file_under_two_names_is_told_once(tmp_path: Path, repo: Path) -> None:
    _write(repo / "AGENTS.md", "once")
    os.link(repo / "AGENTS.md", repo / "app/AGENTS.md")
    assert list(_said(_grounds(tmp_path, repo / "app"))) == ["../AGENTS.md"]


def test_imports_follow_each_file_once_within_the_project(tmp_path: Path, repo: Path) -> None:
    _write(tmp_path / "secret.md", "never")
    _write(repo / "AGENTS.md", "See @docs/a.md, @../secret.md and `@docs/code.md`.")
    _write(repo / "docs/a.md", "A says @b.md <!-- hidden -->")
    _write(repo / "docs/b.md", "B says @a.md")
    _write(repo / "docs/code.md", "never")
    grounds = _grounds(tmp_path, repo)
    reader = Reader(grounds)
    text = reader.read(grounds.found())["AGENTS.md"]
    assert text.count("A says") == text.count("B says") == 1
    assert "never" not in text
    assert "hidden" not in text
    assert "@../secret.md" in reader.warnings[0]


def test_imports_end_after_five_files_in_a_row(tmp_path: Path, repo: Path) -> None:
    _write(repo / "AGENTS.md", "@1.md")
    for number in range(1, 9):
        _write(repo / f"{number}.md", f"number {number} @{number + 1}.md")
    text = _said(_grounds(tmp_path, repo))["AGENTS.md"]
    assert "number 5" in text
    assert "number 6" not in text


def test_configuration_beside_the_persons_instructions_is_not_imported(
    tmp_path: Path, repo: Path
) -> None:
    person = tmp_path / "person"
    _write(person / ".ion/AGENTS.md", "@config.toml @style.md")
    _write(person / ".ion/config.toml", "api_key")
    _write(person / ".ion/style.md", "Short sentences.")
    _write(repo / "AGENTS.md", "@~/.ion/config.toml @~/.ion/style.md")
    said = _said(_grounds(tmp_path, repo))
    assert not any("api_key" in text for text in said.values())
    assert all("Short sentences." in text for text in said.values())


def test_places_of_secrets_and_links_out_of_the_project_are_refused(
    tmp_path: Path, repo: Path
) -> None:
    _write(repo / ".ssh/notes.md", "key")
    _write(repo / "CLAUDE.md", "@.ssh/notes.md")
    (repo / "AGENTS.md").symlink_to(_write(tmp_path / "elsewhere.md", "outside"))
    (repo / "app/AGENTS.md").symlink_to("AGENTS.md")
    grounds = _grounds(tmp_path, repo / "app")
    reader = Reader(grounds)
    assert reader.read(grounds.found()) == {}
    assert len(reader.warnings) == 1
    (repo / "AGENTS.md").unlink()
    assert _said(grounds) == {"../CLAUDE.md": "@.ssh/notes.md"}


def test_what_is_too_long_is_cut_and_said(tmp_path: Path, repo: Path) -> None:
    _write(repo / "AGENTS.md", "r" * 40_000)
    _write(repo / "app/AGENTS.md", "a" * 40_000)
    _write(repo / "app/web/AGENTS.md", "w" * 40_000)
    grounds = _grounds(tmp_path, repo / "app/web")
    reader = Reader(grounds)
    said = reader.read(grounds.found())
    assert {source: len(text) for source, text in said.items()} == {
        "../AGENTS.md": FILE_BYTES,
        "AGENTS.md": FILE_BYTES,
    }
    assert sum(map(len, said.values())) <= ALL_BYTES
    assert any("32 KB" in text for text in reader.warnings)
    assert any("64 KB" in text for text in reader.warnings)


def test_a_rule_without_paths_holds_always_and_one_with_them_where_it_fits(
    tmp_path: Path, repo: Path
) -> None:
    _write(repo / ".ion/rules/always.md", "Always.")
    _write(repo / ".ion/rules/sql.md", "---\npaths:\n  - 'db/**/*.sql'\n---\nUpper case.")
    grounds = _grounds(tmp_path, repo)
    assert list(_said(grounds)) == [".ion/rules/always.md"]
    touched = Reader(grounds).read(grounds.found(), [repo / "db/v1/a.sql"])
    assert touched[".ion/rules/sql.md"] == "Upper case."


@pytest.mark.parametrize(
    ("glob", "path", "is_meant"),
    [
        ("src/**/*.py", "src/a/b.py", True),
        ("src/**/*.py", "src/b.py", True),
        ("*.py", "src/b.py", False),
        ("**/*.{ts,tsx}", "web/a.tsx", True),
        ("web/**", "web/x/y", True),
        ("web/?.ts", "web/ab.ts", False),
    ],
)
def test_globs_of_rules(tmp_path: Path, glob: str, path: str, is_meant: bool) -> None:
    rule = tmp_path / ".ion/rules/r.md"
    assert fits(rule, [glob], tmp_path / path) is is_meant


def test_front_matter_is_understood_in_its_three_forms() -> None:
    for head in ('paths: ["a/*", b/{c,d}]', "paths: a/*, b/{c,d}", "paths:\n- a/*\n- b/{c,d}"):
        assert split(f"---\n{head}\n---\ntext") == (("a/*", "b/{c,d}"), "text")
    assert split("no front matter") == ((), "no front matter")


def test_code_and_comments_import_nothing() -> None:
    text = "@a.md\n```\n@b.md <!-- kept -->\n```\n`@c.md` me@d.md <!-- @e.md\n --> @./f.md."
    assert imports(without_comments(text)) == ["a.md", "./f.md"]
    assert "kept" in without_comments(text)
