"""``ion local``: it asks before it fetches, and says what is there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from ion_core.local.place import Place


def _ion(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "ION_HOME": str(home), "PATH": str(home)}
    return subprocess.run(
        [sys.executable, "-m", "ion_core", "local", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )


def test_nothing_is_fetched_without_a_yes(tmp_path: Path) -> None:
    done = _ion(tmp_path, "install")

    assert done.returncode == 1
    assert "1.2 GB are fetched" in done.stdout
    assert "--yes" in done.stderr
    assert not (tmp_path / "local").exists()


def test_status_says_that_nothing_is_installed(tmp_path: Path) -> None:
    facts = json.loads(_ion(tmp_path, "status", "--json").stdout)

    assert facts == {
        "installed": False,
        "model": "qwen2.5-coder-1.5b-instruct",
        "weights": None,
        "server": None,
        "folder": str(tmp_path / "local"),
        "bytes": 0,
    }
    assert "ion local install" in _ion(tmp_path, "status").stdout


def test_remove_deletes_what_is_there_after_a_yes(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.root.mkdir()
    place.partial.write_bytes(b"half")

    assert _ion(tmp_path, "remove").returncode == 1
    assert place.partial.exists()
    assert _ion(tmp_path, "remove", "--yes").returncode == 0
    assert not place.root.exists()
    assert "not installed" in _ion(tmp_path, "remove", "--yes").stdout
