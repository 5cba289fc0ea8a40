"""What of the person's environment a child may see."""

from __future__ import annotations

import pytest

from ion_core.tools.environment import child_environment

SECRETS = "OPENAI_API_KEY AWS_SECRET_ACCESS_KEY GITHUB_TOKEN SSH_AUTH_SOCK DATABASE_DSN"
LOADERS = "LD_PRELOAD DYLD_INSERT_LIBRARIES PYTHONPATH NODE_OPTIONS BASH_ENV ENV GIT_SSH_COMMAND"
OTHERS = "ION_HOME VIRTUAL_ENV ANYTHING_ELSE"


@pytest.mark.parametrize("name", f"{SECRETS} {LOADERS} {OTHERS}".split())
def test_everything_that_is_not_named_is_left_out(name: str) -> None:
    assert name not in child_environment({name: "x"}, cwd="/w")


def test_what_programs_need_is_there() -> None:
    source = {"HOME": "/h", "USER": "u", "LANG": "C.UTF-8", "LC_TIME": "de", "TZ": "UTC"}
    assert child_environment(source, cwd="/w").items() >= source.items()


def test_programs_are_told_that_nobody_sees_colours() -> None:
    environment = child_environment({"TERM": "xterm-256color"}, cwd="/w")
    assert (environment["TERM"], environment["NO_COLOR"], environment["PWD"]) == ("dumb", "1", "/w")


def test_the_path_has_absolute_folders_only() -> None:
    environment = child_environment({"PATH": ".:/usr/bin::bin:/bin"}, cwd="/w")
    assert environment["PATH"] == "/usr/bin:/bin"


def test_without_a_path_there_is_the_usual_one() -> None:
    assert "/usr/bin" in child_environment({}, cwd="/w")["PATH"]


def test_variables_that_a_person_named_are_passed() -> None:
    assert child_environment({}, cwd="/w", more={"MY_FLAG": "1"})["MY_FLAG"] == "1"
