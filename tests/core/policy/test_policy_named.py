"""A rule about a path holds for what commands name, not only for the tools that read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.config.schema import Decision, PermissionRule
from ion_core.policy.policy import Policy
from ion_core.policy.rules import Rules
from ion_core.tools.paths import Workspace


@pytest.fixture
def folder(project: Path) -> Path:
    """A project with a private folder, and a link into it."""
    (project / "private").mkdir()
    (project / "private" / "x.txt").write_text("secret\n")
    (project / "link.txt").symlink_to("private/x.txt")
    (project / "docs").mkdir()
    (project / "docs" / "on").symlink_to("../private/x.txt")
    return project


def _policy(folder: Path, *rules: tuple[str, str, Decision]) -> Policy:
    made = tuple(PermissionRule(tool=t, pattern=p, decision=d) for t, p, d in rules)
    return Policy(Workspace(root=folder), folder.parent / "home", Rules(made))


_DENIED = """
cat private/x.txt
cat ./private/../private/x.txt
cat "private/x.txt"
cat pri'vate'/x.txt
cat private/*
cat pri*/x.txt
cat */x.txt
cat link.txt
cat < private/x.txt
cat notes.txt private/x.txt
head -n 3 -- private/x.txt | wc -l
grep -f private/x.txt notes.txt
grep --file=private/x.txt notes.txt
grep -r secret
grep -rn secret .
grep -R secret docs
rg secret
rg secret private
git grep secret
git diff --no-index notes.txt private/x.txt
git show HEAD:private/x.txt
diff notes.txt private/x.txt
find . -name x.txt -exec cat {} +
find private -name x.txt | xargs cat
ls private | xargs cat
cd private && cat x.txt
cd private && rg secret
timeout 5 cat private/x.txt
python3 tool.py && cat private/x.txt
for f in private/x.txt; do cat "$f"; done
cat $(echo private/x.txt)
cat "$PWD"/private/x.txt
sed -n 1p private/x.txt
awk '{print}' private/x.txt
base64 private/x.txt
""".strip().splitlines()


@pytest.mark.parametrize("command", _DENIED)
def test_no_command_reads_what_a_rule_denies(command: str, folder: Path) -> None:
    policy = _policy(folder, ("read", "private/*", "deny"))
    answer = policy.command(command, "read")
    assert (answer.decision, answer.rule) != ("allow", "shell.proved")
    if "$(" not in command and "$PWD" not in command:
        assert (answer.decision, answer.rule) == ("deny", "permissions.deny")


_STILL = """
ls
ls -la
cat notes.txt
grep -rn a src
rg main src
find . -name x.txt
echo private/x.txt
git status --short
head -3 src/app.py | wc -l
""".strip().splitlines()


@pytest.mark.parametrize("command", _STILL)
def test_what_a_rule_does_not_deny_is_still_allowed(command: str, folder: Path) -> None:
    policy = _policy(folder, ("read", "private/*", "deny"))
    assert policy.command(command, "read").decision == "allow"


@pytest.mark.parametrize("command", ["ls", "ls private", "find . -name x.txt", "tree"])
def test_a_rule_about_lists_holds_for_commands_that_list(command: str, folder: Path) -> None:
    policy = _policy(folder, ("list", "private/*", "deny"))
    assert policy.command(command, "read").decision == "deny"


def test_an_asking_rule_asks_and_a_denying_one_wins(folder: Path) -> None:
    policy = _policy(folder, ("read", "private/*", "ask"), ("read", "notes.txt", "deny"))
    assert policy.command("cat private/x.txt", "read").decision == "ask"
    assert policy.command("cat private/x.txt notes.txt", "read").decision == "deny"


def test_a_rule_that_allows_a_command_opens_no_denied_file(folder: Path) -> None:
    rules: list[tuple[str, str, Decision]] = [("bash", "cat *", "allow")]
    policy = _policy(folder, *rules, ("read", "private/*", "deny"))
    assert policy.command("cat private/x.txt", "read").decision == "deny"


def test_more_files_than_can_be_looked_at_ask(folder: Path) -> None:
    for at in range(3_001):
        (folder / "src" / f"{at}.txt").touch()
    policy = _policy(folder, ("read", "private/*", "deny"))
    assert policy.command("rg a src", "read").decision == "ask"
