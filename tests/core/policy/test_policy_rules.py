"""The person's rules: deny wins over ask, ask over what is proved, and allow needs certainty."""

from __future__ import annotations

from pathlib import Path

import pytest

from ion_core.config.schema import Decision, PermissionRule
from ion_core.policy.policy import Policy
from ion_core.policy.rules import Rules, suspects
from ion_core.tools.paths import Workspace


def _policy(project: Path, *rules: tuple[str, str, Decision]) -> Policy:
    made = tuple(PermissionRule(tool=t, pattern=p, decision=d) for t, p, d in rules)
    return Policy(Workspace(root=project), project.parent / "home", Rules(made))


@pytest.mark.parametrize(
    "command",
    [
        "rm -rf x",
        "ls; rm -rf x",
        "ls\nrm x",
        "sudo rm x",
        "timeout 5 rm x",
        "env A=1 rm x",
        "A=1 rm x",
        "/bin/rm x",
        "'rm' x",
        "r\\m x",
        "echo $(rm x)",
        "echo `rm x`",
        "(rm x)",
        "if true; then rm x; fi",
        "ls | xargs -n 1 rm x",
        "ls | xargs -I % rm x",
        "sudo -u root rm x",
        "timeout -s KILL 5 rm x",
        "bash -lc 'rm x'",
        "find . -exec rm x ';'",
        "r\\\nm x",
        "rm${IFS}x",
        "$'rm' x",
        "busybox rm x",
        "rm",
        "2>/dev/null rm x",
        '>"a b" rm x',
        "< notes.txt rm x",
        "exec -a y rm x",
        "{rm,x}",
        "uv run rm x",
        "npx rm x",
        "tmux new -d rm x",
    ],
)
def test_a_denied_command_is_found_wherever_it_stands(command: str, project: Path) -> None:
    policy = _policy(project, ("bash", "*", "allow"), ("bash", "rm *", "deny"))
    for mode in ("read", "write"):
        assert policy.command(command, mode).decision == "deny", suspects(command)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "command",
    [
        "git --git-dir .git push",
        "git --work-tree . --namespace x push",
        'git -C "a b" push',
        "git -c a.b='x y' push",
        "{git,push}",
    ],
)
def test_a_denied_command_of_git_is_found_behind_its_options(command: str, project: Path) -> None:
    policy = _policy(project, ("bash", "git push *", "deny"))
    assert policy.command(command, "write").decision == "deny", suspects(command)
    assert policy.command('git -C "a b" log', "write").decision == "allow"


def test_a_word_that_is_only_said_is_not_denied(project: Path) -> None:
    policy = _policy(project, ("bash", "rm *", "deny"))
    assert policy.command("grep 'rm x' notes.txt", "read").decision == "allow"


@pytest.mark.parametrize("command", ["git -C . push", "git -c a.b=c --no-pager push origin x"])
def test_options_of_git_hide_no_subcommand(command: str, project: Path) -> None:
    policy = _policy(project, ("bash", "git push *", "deny"))
    assert policy.command(command, "write").decision == "deny"


def test_a_line_made_to_be_looked_through_for_ever_asks(project: Path) -> None:
    policy = _policy(project, ("bash", "rm *", "deny"))
    assert policy.command("A=1 " * 20_000 + "rm x", "write").decision == "ask"
    assert policy.command("env " * 20_000 + "rm x", "write").decision == "ask"


def test_an_asking_rule_asks_in_write_mode_too(project: Path) -> None:
    policy = _policy(project, ("bash", "git push *", "ask"))
    assert policy.command("git push", "write").decision == "ask"
    assert policy.command("git push origin main", "write").decision == "ask"
    assert policy.command("git pull", "write").decision == "allow"


def test_an_allowed_command_needs_no_proof(project: Path) -> None:
    policy = _policy(project, ("bash", "npm test *", "allow"))
    assert policy.command("npm test", "read").decision == "allow"
    assert policy.command("npm test -- --watch=no && ls", "read").decision == "allow"


@pytest.mark.parametrize(
    "command",
    [
        "npm test; rm x",
        "npm test $(rm x)",
        "npm test > x",
        "npm test < /etc/passwd",
        "PATH=. npm test",
        "npm test & rm x",
        "npm install",
        "npm test `rm x`",
    ],
)
def test_an_allowing_rule_covers_nothing_that_comes_with_it(command: str, project: Path) -> None:
    policy = _policy(project, ("bash", "npm test *", "allow"))
    assert policy.command(command, "read").decision == "ask"


def test_rules_about_paths_deny_ask_and_allow(project: Path) -> None:
    policy = _policy(
        project,
        ("read", "src/*", "deny"),
        ("edit", "*.md", "ask"),
        ("read", f"{project.parent}/elsewhere/*", "allow"),
    )
    outside = str(project.parent / "elsewhere/private.txt")
    assert policy.path("src/app.py", "read", "write").decision == "deny"
    assert policy.path(str(project / "src/app.py"), "read", "write").decision == "deny"
    assert policy.path("README.md", "write", "write").decision == "ask"
    assert policy.path("README.md", "write", "read").decision == "deny"
    assert policy.path(outside, "read", "write").decision == "allow"
    assert policy.path("notes.txt", "read", "read").decision == "allow"


def test_no_rule_allows_what_is_refused(project: Path) -> None:
    policy = _policy(project, ("*", "*", "allow"))
    assert policy.path("/proc/self/environ", "read", "write").decision == "deny"
    assert policy.path("../elsewhere/x", "write", "write").decision == "deny"
    assert policy.url("http://127.0.0.1/").decision == "deny"


def test_rules_about_urls_ask_and_deny(project: Path) -> None:
    policy = _policy(project, ("web_fetch", "https://a.example/*", "deny"))
    answer = policy.url("https://a.example/x", lambda host: ["93.184.216.34"])
    assert (answer.decision, answer.rule) == ("deny", "permissions.deny")
    assert policy.url("https://b.example/x", lambda host: ["93.184.216.34"]).decision == "allow"


@pytest.mark.parametrize(
    "url", ["HTTPS://Secret.Example.COM/a", "https://secret.example.com:443/a"]
)
def test_no_spelling_of_a_url_evades_a_rule(url: str, project: Path) -> None:
    policy = _policy(project, ("web_fetch", "https://secret.example.com/*", "deny"))
    assert policy.url(url, lambda _: ["93.184.216.34"]).decision == "deny"
