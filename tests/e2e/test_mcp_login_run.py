"""A remote MCP server that wants a login: asked for, given by a browser, kept, forgotten."""

from __future__ import annotations

import json
import os
import re
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.e2e.test_mcp_run import Place

pytestmark = pytest.mark.slow

REMOTE = Path(__file__).parents[1] / "fakes" / "mcp" / "remote.py"


@pytest.fixture
def url() -> Iterator[str]:
    """The address of a server that runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, str(REMOTE), str(port)])
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}/mcp"
    finally:
        process.kill()
        process.wait()


def log_in(place: Place) -> str:
    """``ion mcp login``, with this process as the browser; what it said at last."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ion_core", "mcp", "login", "remote"],
        cwd=place.project,
        env={**os.environ, "ION_HOME": str(place.home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if found := re.search(r"http://\S+/authorize\S+", line):
            page = httpx.get(found[0], follow_redirects=True)
            assert page.status_code == 200
            break
    output, _ = process.communicate(timeout=60)
    return output


def test_a_login_is_asked_for_given_kept_and_forgotten(tmp_path: Path, url: str) -> None:
    place = Place(tmp_path, [])
    place.ion("mcp", "add", "remote", "--url", url)
    before = json.loads(place.ion("mcp", "test", "remote", "--json").stdout)
    assert before["state"] == "needs_login"
    assert "ion mcp login remote" in before["problem"]
    assert "Logged in to remote." in log_in(place)
    kept = place.home / "mcp-auth.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    after = json.loads(place.ion("mcp", "test", "remote", "--json").stdout)
    assert after["state"] == "connected"
    assert [tool["title"] for tool in after["tools"]] == ["whoami"]
    assert "Logged out" in place.ion("mcp", "logout", "remote").stdout
    again = json.loads(place.ion("mcp", "test", "remote", "--json").stdout)
    assert again["state"] == "needs_login"
