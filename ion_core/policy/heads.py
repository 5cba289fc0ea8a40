"""How many words of a command say what it does, so that the rest may differ: data and one rule.

``git push origin x`` is a ``git push``. Programs that are not named here, and those whose further
words are programs themselves (shells, ``python -c``, ``xargs``, ``find``) or say what is lost
(``rm``), have no such head.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ion_core.policy.shell.options import names

_ONE: Final = names(
    "pytest tox nox ruff black isort flake8 pylint mypy pyright ty pyrefly coverage eslint "
    "prettier biome tsc jest vitest mocha playwright rspec rubocop phpunit phpstan gofmt "
    "golangci-lint goimports staticcheck rustfmt clang-format clang-tidy ctest ninja shellcheck "
    "shfmt hadolint markdownlint yamllint mkdir touch tree-sitter sphinx-build mkdocs gcc g++ cc "
    "clang clang++ javac rustc ps lsof ss"
)
_TWO: Final = names(
    "git cargo go npm pnpm yarn bun deno pip pip3 uv poetry hatch pdm rye conda mamba gem bundle "
    "rake rails composer artisan mix dotnet mvn gradle sbt stack cabal zig swift flutter dart "
    "docker podman kubectl helm terraform brew apt apt-get dnf pacman systemctl gh glab pre-commit "
    "npx bunx uvx pipx just task cmake meson alembic"
)
_THREE: Final = frozenset(
    {("npm", "run"), ("pnpm", "run"), ("yarn", "run"), ("bun", "run"), ("deno", "task")}
    | {("git", "stash"), ("git", "remote"), ("git", "worktree"), ("git", "notes"), ("git", "lfs")}
    | {("docker", "compose"), ("docker", "image"), ("docker", "container"), ("docker", "volume")}
    | {("gh", name) for name in names("pr issue run release repo workflow")}
    | {("go", "mod"), ("go", "run"), ("cargo", "run"), ("uv", "pip"), ("dotnet", "tool")}
    | {("systemctl", "--user"), ("bundle", "exec"), ("pre-commit", "run")}
)
_RUNNERS: Final = (
    *((name, "run") for name in ("uv", "poetry", "pdm", "hatch", "rye")),
    *((name, "-m") for name in ("python", "python3")),
    ("bundle", "exec"),
    ("npx",),
    ("bunx",),
    ("uvx",),
)
"""Beginnings after which another program is named."""

_MODULES: Final = names("pytest unittest mypy ruff black isort flake8 pylint coverage tox build")
_NEVER: Final = frozenset(
    {
        ("git", name)
        for name in names(
            "config clean reset rebase filter-branch bisect submodule difftool mergetool alias "
            "update-ref replace gc prune restore checkout switch rm"
        )
    }
    | {(name, below) for name in ("docker", "podman") for below in names("run exec cp rm system")}
    | {("kubectl", name) for name in names("exec delete run cp debug proxy")}
    | {("gh", name) for name in names("api alias extension auth secret")}
    | {(name, below) for name in ("npm", "pnpm", "yarn", "bun") for below in names("exec dlx x")}
    | {
        (name, below)
        for name in ("npm", "pnpm", "yarn", "pip", "go")
        for below in ("config", "env")
    }
    | {("go", "generate"), ("go", "tool"), ("uv", "tool"), ("uv", "run"), ("pipx", "run")}
    | {("conda", "run"), ("mamba", "run"), ("deno", "eval"), ("deno", "run"), ("swift", "repl")}
    | {
        ("bun", "-e"),
        ("cmake", "-P"),
        ("cmake", "-E"),
        ("terraform", "destroy"),
        ("helm", "plugin"),
    }
    | {("rails", "runner"), ("rails", "console"), ("terraform", "apply"), ("brew", "sh")}
)
_BARE: Final = re.compile(r"[A-Za-z0-9@][\w@./:+-]*")


def head_of(words: Sequence[str]) -> list[str]:
    """The first words that say what a command does; empty when only the whole does. A word that
    is not plainly written is given as an empty one."""
    for runner in _RUNNERS:
        if tuple(words[: len(runner)]) == runner:
            return _after(list(runner), words[len(runner) :])
    count = _length(words)
    head = list(words[:count])
    is_whole = 0 < count <= len(words) and all(_BARE.fullmatch(word) for word in head)
    return head if is_whole else []


def _length(words: Sequence[str]) -> int:
    name, below = words[0] if words else "", words[1] if len(words) > 1 else ""
    if name in _ONE:
        return 1
    if name not in _TWO or (name, below) in _NEVER:
        return 0
    return 3 if (name, below) in _THREE else 2


def _after(runner: list[str], words: Sequence[str]) -> list[str]:
    """The head of what a runner runs: a program that has one, or a module of Python that tests."""
    if runner[-1] == "-m":
        return [*runner, words[0]] if words and words[0] in _MODULES else []
    head = head_of(words) if words and words[0] in _ONE | _TWO else []
    return [*runner, *head] if head else []
