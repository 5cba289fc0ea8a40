"""``ion init``: instructions by the agent, an example of a configuration, nothing overwritten."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.test_mcp_run import Place, calls

pytestmark = pytest.mark.slow

WRITES = [calls("write", path="AGENTS.md", content="# Shop\nmake test\n"), {"text": "done"}]


def test_it_writes_both_and_the_example_changes_nothing(tmp_path: Path) -> None:
    place = Place(tmp_path, WRITES)
    (place.project / "a.py").write_text("print()\n")
    done = place.ion("init", "--trust-once")
    assert done.returncode == 0
    assert (place.project / "AGENTS.md").read_text() == "# Shop\nmake test\n"
    example = (place.project / ".ion/config.toml").read_text()
    assert '# command = ["ruff", "format", "$ION_FILE"]' in example
    assert "gofmt" not in example
    assert all(line.startswith("#") for line in example.splitlines() if line)


def test_what_is_there_is_improved_only_when_asked(tmp_path: Path) -> None:
    place = Place(tmp_path, WRITES)
    (place.project / "AGENTS.md").write_text("mine\n")
    refused = place.ion("init", "--trust-once")
    assert refused.returncode == 2
    assert "--force" in refused.stderr
    assert (place.project / "AGENTS.md").read_text() == "mine\n"
    (place.project / ".ion/config.toml").write_text("# my own\n")
    place.ion("init", "--trust-once", "--force")
    assert (place.project / ".ion/config.toml").read_text() == "# my own\n"
