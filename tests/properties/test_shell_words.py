"""Laws of the classifier: its words are those of bash, and no surroundings make an effect safe."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ion_core.policy.base import Unproved
from ion_core.policy.shell.classify import classify
from ion_core.policy.shell.parse import parse
from ion_core.policy.shell.scene import Scene
from ion_core.tools.paths import Workspace

BASH = shutil.which("bash")
PIECES = st.sampled_from(
    [
        *(
            "a",
            "b c",
            "-",
            "--",
            "'",
            '"',
            "\\",
            "$",
            "~",
            "{",
            "}",
            ",",
            "..",
            "#",
            "!",
            "=",
            ":",
            " ",
        ),
        *(
            "\t",
            "\n",
            ";",
            "|",
            "&",
            "(",
            ")",
            "<",
            ">",
            "`",
            "@",
            "%",
            "^",
            "+",
            "/",
            ".",
            "\u00e9",
        ),
        *("'x y'", '"x y"', "\\ ", "\\\\", '"\\$"', '"\\a"', "$'a'", '$"a"', "\\-", "a=", "]", "0"),
    ]
)
LINES = st.lists(PIECES, max_size=12).map("".join)


@pytest.mark.skipif(BASH is None, reason="there is no bash to compare with")
@settings(max_examples=150)
@example('"a$" "\\|" a\\ b \'c\'')
@given(LINES)
def test_words_that_are_understood_are_the_words_of_bash(line: str) -> None:
    text = f"printf '%s\\0' {line}"
    try:
        pipelines = parse(text)
    except Unproved:
        return
    if len(pipelines) != 1 or len(pipelines[0].commands) != 1 or pipelines[0].commands[0].inputs:
        return
    words = [word.value for word in pipelines[0].commands[0].words[2:] if word.is_plain]
    bash = subprocess.run(
        [str(BASH), "--noprofile", "--norc", "-c", text],
        check=False,
        capture_output=True,
        timeout=10,
    )
    assert [part.decode() for part in bash.stdout.split(b"\0")[:-1]] == (words or [""])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=LINES, after=LINES)
def test_no_surroundings_make_an_effect_safe(before: str, after: str, tmp_path: Path) -> None:
    workspace = Workspace(root=tmp_path)
    scene = Scene(workspace, workspace.root, "/root")
    for joint in ("\n", ";", "&&", "||", "|"):
        answer = classify(f"{before} {joint} touch x {joint} {after}", scene)
        # A quote or a comment before it may make a mere text of the effect.
        if "'" not in before and '"' not in before and "#" not in before:
            assert answer.decision == "ask"
