"""Commands of one's own, as they lie in folders."""

from __future__ import annotations

from pathlib import Path

from ion_core.commands.shelf import CommandShelf
from ion_core.ladder import Ladder


def shelf(tmp_path: Path, *, trusted: bool = True) -> CommandShelf:
    cwd = tmp_path / "repo"
    cwd.mkdir(exist_ok=True)
    person = tmp_path / "person"
    return CommandShelf(Ladder(cwd=cwd, home=tmp_path / "ion", person=person, trusted=trusted))


def put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_names_come_from_files_and_folders(tmp_path: Path) -> None:
    put(tmp_path / "repo/.claude/commands/fix.md", "Fix it.")
    put(tmp_path / "repo/.ion/commands/git/log.md", "Log.")
    put(tmp_path / "person/.claude/commands/mine.md", "Mine.")
    put(tmp_path / "repo/.ion/commands/notes.txt", "no command")
    assert list(shelf(tmp_path).names()) == ["git:log", "fix", "mine"]
    assert list(shelf(tmp_path, trusted=False).names()) == ["mine"]


def test_a_head_is_read_as_other_agents_write_it(tmp_path: Path) -> None:
    head = (
        "---\ndescription: Fix an issue\nargument-hint: [issue] [priority]\n"
        "allowed-tools: Bash(git add:*), Read\nmodel: work/big\n---\nFix $1.\n"
    )
    put(tmp_path / "repo/.claude/commands/fix.md", head)
    command = shelf(tmp_path).find("fix")
    assert command is not None
    assert command.description == "Fix an issue"
    assert command.allowed == ("Bash(git add:*)", "Read")
    assert (command.model, command.body) == ("work/big", "Fix $1.")
    assert "issue" in command.hint


def test_shadowed_and_broken_ones_are_listed(tmp_path: Path) -> None:
    put(tmp_path / "repo/.ion/commands/fix.md", "# Ours\ntext")
    put(tmp_path / "repo/.claude/commands/fix.md", "Theirs")
    put(tmp_path / "repo/.ion/commands/none.md", "---\ndescription: x\n---\n")
    found = [(c.name, c.shadowed, c.problem, c.description) for c in shelf(tmp_path).commands()]
    assert found == [
        ("fix", False, "", "Ours"),
        ("none", False, "It is empty.", "x"),
        ("fix", True, "", "Theirs"),
    ]
